import { parseAuthentication } from '@vedette/formats/logs'
import { describe, expect, test } from 'vitest'
import { SessionBook, type SessionFacts } from './session-book.ts'

const START = Date.UTC(2026, 10, 20, 10)

/** Lines `[seconds, program, pid, message]` and what the book tells of each. */
function read(...lines: readonly (readonly [number, string, number | undefined, string])[]): SessionFacts[] {
  const book = new SessionBook()
  return lines.map(([seconds, program, pid, message]) => {
    const facts = parseAuthentication(program, message)
    if (facts === undefined) throw new Error(`not understood: ${message}`)
    return book.take(facts, {
      timeMs: START + seconds * 1000,
      host: 'web-1',
      ...(pid !== undefined && { pid }),
    })
  })
}

const accepted = 'Accepted publickey for anna from 192.0.2.1 port 50111 ssh2'
const opened = 'pam_unix(sshd:session): session opened for user anna(uid=1000) by (uid=0)'
const closed = 'pam_unix(sshd:session): session closed for user anna'

describe('sessions of sshd', () => {
  test('the login, its beginning, what its process says and its end are one session', () => {
    const told = read(
      [0, 'sshd', 812, accepted],
      [0.1, 'sshd', 812, opened],
      [0.2, 'sshd', 815, 'Starting session: shell on pts/0 for anna from 192.0.2.1 port 50111 id 0'],
      [600, 'sshd', 815, 'Disconnected from user anna 192.0.2.1 port 50111'],
      [600.5, 'sshd', 812, closed],
    )
    expect(new Set(told.map(({ session }) => session?.uid))).toEqual(new Set([`sshd-812-${START}`]))
    expect(told.map(({ duration }) => duration)).toEqual([undefined, undefined, undefined, 600_000, 600_500])
  })

  test('without PAM the disconnection ends it, of the right one of two', () => {
    const told = read(
      [0, 'sshd', 812, accepted],
      [5, 'sshd', 820, 'Accepted publickey for anna from 192.0.2.1 port 50222 ssh2'],
      [60, 'sshd', 825, 'Disconnected from user anna 192.0.2.1 port 50111'],
    )
    expect(told[2]).toMatchObject({ session: { uid: `sshd-812-${START}` }, duration: 60_000 })
  })

  test('a process number that comes again is another session', () => {
    const told = read([0, 'sshd', 812, accepted], [60, 'sshd', 812, closed], [90, 'sshd', 812, accepted])
    expect(told[2]?.session?.created_time).toBe(START + 90_000)
    expect(read([0, 'sshd', 812, accepted], [1, 'sshd', 812, accepted])[1]?.session?.created_time).toBe(
      START + 1000,
    )
  })

  test('an end of which the beginning was not seen, or of another account, ends nothing', () => {
    expect(read([0, 'sshd', 812, closed])).toEqual([{}])
    expect(
      read(
        [0, 'sshd', 812, accepted],
        [1, 'sshd', 812, 'pam_unix(sshd:session): session closed for user bob'],
      )[1],
    ).toEqual({})
  })
})

test('login, su and sudo: their own line and that of PAM are one session; without a process the account joins them', () => {
  const login = read(
    [0, 'login', 400, 'pam_unix(login:session): session opened for user bob(uid=1001) by bob(uid=0)'],
    [0, 'login', 400, 'LOGIN ON tty1 BY bob'],
  )
  expect(login[0]?.session?.uid).toBe(login[1]?.session?.uid)
  const sudo = read(
    [0, 'sudo', undefined, 'pam_unix(sudo:session): session opened for user root(uid=0) by anna(uid=1000)'],
    [2, 'sudo', undefined, 'pam_unix(sudo:session): session closed for user root'],
  )
  expect(sudo[1]).toMatchObject({ session: sudo[0]?.session, duration: 2000 })
})

test('two beginnings of one kind are two sessions', () => {
  const line = 'pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)'
  const told = read([0, 'CRON', 900, line], [1, 'CRON', 900, line])
  expect(told[0]?.session?.uid).not.toBe(told[1]?.session?.uid)
})

test('the end of a session of logind names its account', () => {
  const told = read(
    [0, 'systemd-logind', 300, 'New session 12 of user anna.'],
    [9, 'systemd-logind', 300, 'Removed session 12.'],
  )
  expect(told[1]).toMatchObject({ userName: 'anna', duration: 9000 })
})

describe('failed tries before a login', () => {
  const failed = 'Failed password for anna from 192.0.2.1 port 50100 ssh2'
  test('are counted by account and source, also where one line stands for several', () => {
    const told = read(
      [0, 'sshd', 1, failed],
      [1, 'sshd', 1, `message repeated 2 times: [ ${failed}]`],
      [2, 'sshd', 2, 'Failed password for bob from 192.0.2.1 port 50100 ssh2'],
      [3, 'sshd', 3, 'Failed password for anna from 192.0.2.9 port 50100 ssh2'],
      [4, 'sshd', 4, accepted],
      [5, 'sshd', 5, accepted],
    )
    expect(told.map(({ failedAttempts }) => failedAttempts)).toEqual([
      ...Array(4).fill(undefined),
      3,
      undefined,
    ])
  })

  test('are forgotten after a day', () => {
    expect(read([0, 'sshd', 1, failed], [86_401, 'sshd', 4, accepted])[1]?.failedAttempts).toBeUndefined()
  })
})
