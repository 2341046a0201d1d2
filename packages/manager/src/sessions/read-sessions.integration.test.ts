import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readSessions } from './read-sessions.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-sessions-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (time: string) => Date.parse(`2026-11-20T${time}Z`)
const line = (time: string, text: string) => `2026-11-20T${time}.000000+00:00 web-1 ${text}\n`
const failed = (time: string) =>
  line(time, 'sshd[800]: Failed password for anna from 192.0.2.1 port 50100 ssh2')

describe('readSessions()', () => {
  test('who, from where, how long, and what was refused before; over files that were rotated', async () => {
    writeFileSync(
      join(folder, 'auth.log.1.gz'),
      gzipSync(
        failed('09:59:00') +
          failed('09:59:10') +
          line('10:00:00', 'sshd[812]: Accepted password for anna from 192.0.2.1 port 50111 ssh2') +
          line(
            '10:00:00',
            'sshd[812]: pam_unix(sshd:session): session opened for user anna(uid=1000) by (uid=0)',
          ) +
          line('10:00:01', 'systemd-logind[300]: New session 12 of user anna.'),
      ),
    )
    writeFileSync(
      join(folder, 'auth.log'),
      line(
        '10:05:00',
        'sudo: pam_unix(sudo:session): session opened for user root(uid=0) by anna(uid=1000)',
      ) +
        line('10:06:00', 'sudo: pam_unix(sudo:session): session closed for user root') +
        line(
          '10:07:00',
          'CRON[900]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)',
        ) +
        line('10:08:00', 'login[77]: LOGIN ON tty1 BY bob') +
        line('10:30:00', 'sshd[812]: pam_unix(sshd:session): session closed for user anna'),
    )
    const { list, unreadable } = await readSessions([folder])
    expect(unreadable).toEqual([])
    expect(list.sessions(false)).toEqual([
      {
        host: 'web-1',
        user: 'anna',
        service: 'sshd',
        from: '192.0.2.1',
        method: 'password',
        start: at('10:00:00'),
        end: at('10:30:00'),
        duration: 1_800_000,
        failed_before: 2,
      },
      {
        host: 'web-1',
        user: 'root',
        actor: 'anna',
        service: 'sudo',
        start: at('10:05:00'),
        end: at('10:06:00'),
        duration: 60_000,
        failed_before: 0,
      },
      { host: 'web-1', user: 'bob', service: 'login', from: 'tty1', start: at('10:08:00'), failed_before: 0 },
    ])
    expect(list.sessions(true).map(({ service }) => service)).toEqual([
      'sshd',
      'systemd-logind',
      'sudo',
      'cron',
      'login',
    ])
  })

  test('wtmp: as last(1) tells of the same file', async () => {
    cpSync(
      join(import.meta.dirname, '../../../formats/src/utmp/cases/wtmp/input.wtmp.1'),
      join(folder, 'wtmp.1'),
    )
    const { list, unreadable } = await readSessions([folder])
    expect(unreadable).toMatchObject([{ reason: 'truncated' }])
    expect(list.sessions(false).map(({ user, from, start, end }) => [user, from, start, end])).toEqual([
      ['anna', '192.0.2.1', at('10:01:40') + 250, at('10:11:40')],
      ['bob', '2001:db8::7', at('10:03:20'), at('10:16:40')],
      ['root', 'tty1', at('10:13:20'), at('10:16:40')],
      ['anna', '192.0.2.1', at('10:18:20'), undefined],
    ])
  })
})
