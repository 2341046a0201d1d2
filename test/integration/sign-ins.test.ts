import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JournalWriter } from '@vedette/formats/testing/journal-writer'
import { afterAll, expect, test } from 'vitest'
import { type House, startHouse } from '../house.ts'

/** Sign-ins as a syslog daemon and the journal write them, through a whole running Vedette, to its commands. */

const folder = mkdtempSync(join(tmpdir(), 'vedette-sign-ins-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function eventually(
  house: House,
  command: readonly string[],
  holds: (stdout: string) => boolean,
): Promise<string> {
  let found = ''
  await expect
    .poll(
      async () => {
        found = (await house.vedette(...command)).stdout
        return holds(found)
      },
      { timeout: 60_000, interval: 300 },
    )
    .toBe(true)
  return found
}

test(
  'failures up to max_failed_logins and a login after them; accounts; sessions; the journal beside the files',
  { timeout: 240_000 },
  async () => {
    const log = join(folder, 'auth.log')
    const journals = join(folder, 'journal')
    const journal = join(journals, 'system.journal')
    mkdirSync(journals)
    writeFileSync(log, '')
    const writer = new JournalWriter()
    writer.writeTo(journal)
    const config = join(folder, 'vedette.yml')
    writeFileSync(
      config,
      [
        'collect:',
        `  file: { paths: [${log}], poll_interval_ms: 50 }`,
        `  journal: { folders: [${journals}], read: always, poll_interval_ms: 50 }`,
        'detection: { parameters: { max_failed_logins: 3 } }',
        '',
      ].join('\n'),
    )
    await using house = await startHouse({ args: ['--config', config], readyWithinMs: 120_000 })
    // A minute's session that is over by now.
    const startMs = Date.now() - 120_000
    const time = (seconds: number) => new Date(startMs + seconds * 1000).toISOString()
    const sshd = (seconds: number, text: string) => `${time(seconds)} web-1 sshd[812]: ${text}\n`
    const failed = 'Failed password for anna from 203.0.113.7 port 50100 ssh2'
    const alerts = ['alerts', 'list', '--json', '--limit', '100']
    const about = (stdout: string) =>
      (JSON.parse(stdout) as { title: string }[])
        .map(({ title }) => title)
        .filter((title) => title.includes('203.0.113.7'))

    appendFileSync(
      log,
      sshd(0, failed) + sshd(1, failed) + `${time(2)} web-1 usermod[9]: add 'bob' to group 'sudo'\n`,
    )
    // The account's alert comes after the two failures, which make none.
    const early = await eventually(house, alerts, (stdout) => stdout.includes('bob came into the group sudo'))
    expect(about(early)).toEqual([])
    appendFileSync(
      log,
      sshd(3, failed) +
        sshd(4, 'Accepted password for anna from 203.0.113.7 port 50111 ssh2') +
        sshd(4, 'pam_unix(sshd:session): session opened for user anna(uid=1000) by (uid=0)') +
        sshd(64, 'pam_unix(sshd:session): session closed for user anna'),
    )
    writer.append((startMs + 5000) * 1000, [
      'SYSLOG_IDENTIFIER=sshd',
      '_PID=900',
      'MESSAGE=Accepted publickey for bob from 192.0.2.1 port 50222 ssh2',
    ])
    writer.writeTo(journal)
    const late = await eventually(house, alerts, (stdout) => about(stdout).length >= 2)
    expect(about(late).join('\n')).toMatch(/3 failed logins from 203\.0\.113\.7/)
    expect(about(late).join('\n')).toMatch(/anna logged in to .* from 203\.0\.113\.7 after 3 failures/)

    const both = (stdout: string) =>
      (JSON.parse(stdout) as unknown[]).length === 2 && stdout.includes('"end"')
    const sessions = JSON.parse(await eventually(house, ['sessions', '--json'], both)) as unknown[]
    expect(sessions).toMatchObject([
      {
        user: 'anna',
        service: 'sshd',
        from: '203.0.113.7',
        method: 'password',
        start: startMs + 4000,
        duration: 60_000,
        failed_before: 3,
      },
      { user: 'bob', from: '192.0.2.1', method: 'publickey', failed_before: 0 },
    ])
    const { stdout } = await house.vedette('sessions', '--user', 'anna')
    expect(stdout).toMatch(/anna +203\.0\.113\.7 .* 1 min +3\n/)
  },
)
