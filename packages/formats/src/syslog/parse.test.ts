import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SyslogMessage, SyslogOptions } from './message.ts'
import { parseSyslog } from './parse.ts'

const readAtMs = Date.UTC(2026, 10, 20, 8, 0, 0)
const options: SyslogOptions = { readAtMs, zone: 'utc' }

function parsed(text: string, at: SyslogOptions = options): SyslogMessage {
  const outcome = parseSyslog(text, at)
  if (!outcome.ok) throw new Error(`${outcome.reason} at ${outcome.offset}`)
  return outcome.value
}

describe('the traditional format', () => {
  test('has time, host, program, pid and message', () => {
    expect(parsed('Nov 20 07:52:01 web-1 sshd[123]: Connection closed by 192.0.2.1 port 22')).toEqual({
      format: 'rfc3164',
      timeMs: Date.UTC(2026, 10, 20, 7, 52, 1),
      host: 'web-1',
      program: 'sshd',
      pid: 123,
      message: 'Connection closed by 192.0.2.1 port 22',
    })
  })

  test('a line end of Windows is no part of it', () => {
    expect(parsed('Nov 20 07:52:01 h a: x\r').message).toBe('x')
    expect(parsed(`Nov 20 07:52:01 h a: x${'\r'.repeat(60_000)}`).message).toHaveLength(60_000)
  })

  test('a day of one digit stands after two spaces', () => {
    expect(parsed('Nov  3 07:52:01 h cron: x').timeMs).toBe(Date.UTC(2026, 10, 3, 7, 52, 1))
  })

  test('a line without a tag keeps its whole message', () => {
    expect(parsed('Nov 20 07:52:01 h last message repeated 2 times')).toMatchObject({
      message: 'last message repeated 2 times',
    })
    expect(parsed('Nov 20 07:52:01 h last message repeated 2 times')).not.toHaveProperty('program')
  })

  test('a tag with parentheses, a path or a priority before the line is understood', () => {
    expect(parsed('Jun 14 15:16:01 combo sshd(pam_unix)[19939]: x')).toMatchObject({
      program: 'sshd(pam_unix)',
      pid: 19939,
    })
    expect(parsed('<86>Nov 20 07:52:01 h /usr/sbin/cron[9]: x')).toMatchObject({
      program: '/usr/sbin/cron',
      priority: 86,
    })
  })

  test('a line of December that is read in January is of the year before', () => {
    const january = { readAtMs: Date.UTC(2027, 0, 1, 0, 0, 5), zone: 'utc' } as const
    expect(parsed('Dec 31 23:59:59 h a: x', january).timeMs).toBe(Date.UTC(2026, 11, 31, 23, 59, 59))
    expect(parsed('Jan  1 00:00:01 h a: x', january).timeMs).toBe(Date.UTC(2027, 0, 1, 0, 0, 1))
  })

  test('a line of January that is read in December, by a clock that is behind, is of the next year', () => {
    const december = { readAtMs: Date.UTC(2026, 11, 31, 23, 59, 58), zone: 'utc' } as const
    expect(parsed('Jan  1 00:00:01 h a: x', december).timeMs).toBe(Date.UTC(2027, 0, 1, 0, 0, 1))
  })

  test('the 29th of February is of the last leap year, also around 2100', () => {
    expect(parsed('Feb 29 12:00:00 h a: x').timeMs).toBe(Date.UTC(2024, 1, 29, 12))
    const later = { readAtMs: Date.UTC(2103, 5, 1), zone: 'utc' } as const
    expect(parsed('Feb 29 12:00:00 h a: x', later).timeMs).toBe(Date.UTC(2096, 1, 29, 12))
  })

  test('any time of the last 364 days comes back, whatever the year', () => {
    const when = fc.date({ min: new Date('1972-01-01'), max: new Date('2200-01-01'), noInvalidDate: true })
    fc.assert(
      // At 364 days sharp it is the same day and hour as a day ahead, in a year of 365 days.
      fc.property(when, fc.integer({ min: -86_000, max: 364 * 86_400 - 1 }), (read, ageSeconds) => {
        const time = new Date(Math.floor(read.getTime() / 1000) * 1000 - ageSeconds * 1000)
        const month = time.toLocaleString('en-US', { month: 'short', timeZone: 'UTC' })
        const stamp = `${month} ${String(time.getUTCDate()).padStart(2)} ${time.toISOString().slice(11, 19)}`
        const { timeMs } = parsed(`${stamp} h a: x`, { readAtMs: read.getTime(), zone: 'utc' })
        expect(timeMs).toBe(time.getTime())
      }),
    )
  })
})

describe('the format with an ISO time', () => {
  test('keeps microseconds and knows its zone', () => {
    expect(parsed('2026-11-20T07:52:01.123456+00:00 host sudo: alice : x')).toEqual({
      format: 'iso',
      timeMs: Date.UTC(2026, 10, 20, 7, 52, 1) + 123.456,
      host: 'host',
      program: 'sudo',
      message: 'alice : x',
    })
    expect(parsed('2026-11-20T09:52:01+02:00 host a[1]: x').timeMs).toBe(Date.UTC(2026, 10, 20, 7, 52, 1))
    expect(parsed('2026-11-20T07:52:01Z host a[1]: x').timeMs).toBe(Date.UTC(2026, 10, 20, 7, 52, 1))
  })
})

describe('RFC 5424', () => {
  test('has structured data with its escapes', () => {
    const line = String.raw`<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog 77 ID47 [exampleSDID@32473 iut="3" eventSource="a\"b\]c\\d\e"][x] An application event`
    expect(parsed(line)).toEqual({
      format: 'rfc5424',
      timeMs: Date.UTC(2003, 9, 11, 22, 14, 15, 3),
      host: 'mymachine.example.com',
      program: 'evntslog',
      pid: 77,
      message: 'An application event',
      priority: 165,
      messageId: 'ID47',
      structuredData: [
        {
          id: 'exampleSDID@32473',
          parameters: [
            ['iut', '3'],
            ['eventSource', String.raw`a"b]c\d\e`],
          ],
        },
        { id: 'x', parameters: [] },
      ],
    })
  })

  test('nil values are left out, a byte order mark is no part of the message', () => {
    expect(parsed('<34>1 - - su - - - \ufeffhello')).toEqual({
      format: 'rfc5424',
      program: 'su',
      message: 'hello',
      priority: 34,
    })
  })

  test.each([
    ['<34>1 2003-13-11T22:14:15Z h a - - - x', 'bad-timestamp', 6],
    ['<34>1 - h a - ', 'missing-field', 14],
    ['<34>1 - h a - - [x y="1] m', 'bad-structured-data', 22],
    ['<34>1 - h a - - x', 'bad-structured-data', 16],
  ])('%s is rejected with its place', (line, reason, offset) => {
    expect(parseSyslog(line, options)).toEqual({ ok: false, reason, offset })
  })
})

describe('what is no syslog line', () => {
  test.each([
    ['', 'bad-timestamp', 0],
    ['hello', 'bad-timestamp', 0],
    ['<999>Nov 20 07:52:01 h a: x', 'bad-priority', 0],
    ['Nov 31 07:52:01 h a: x', 'bad-timestamp', 0],
    ['Nov 20 24:52:01 h a: x', 'bad-timestamp', 0],
    ['Foo 20 07:52:01 h a: x', 'bad-timestamp', 0],
    ['Nov 20 07:52:01', 'bad-timestamp', 0],
    ['Nov 20 07:52:01  a: x', 'missing-host', 16],
    ['x'.repeat(65_537), 'too-long', 65_536],
  ])('%.40s is rejected', (line, reason, offset) => {
    expect(parseSyslog(line, options)).toEqual({ ok: false, reason, offset })
  })

  test('whatever the text, there is an answer and the offset lies in it', () => {
    const piece = fc.constantFrom(
      'Nov 20 07:52:01 ',
      '<34>1 ',
      '<3>',
      '2026-11-20T07:52:01.1Z ',
      'host ',
      'sshd[1]: ',
      '[a b="c"]',
      '[',
      '"',
      '\\',
      ']',
      ' ',
      '- ',
      '\0',
      '\r',
      '\ud800',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.oneof(piece, fc.string({ maxLength: 5 }))).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(text, (line) => {
        const outcome = parseSyslog(line, options)
        if (outcome.ok) {
          expect(line.replace(/\r$/, '').endsWith(outcome.value.message)).toBe(true)
        } else {
          expect(outcome.offset).toBeGreaterThanOrEqual(0)
          expect(outcome.offset).toBeLessThanOrEqual(line.length)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
