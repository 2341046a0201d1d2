/**
 * Promise: 1,000 exec/s for 30 s with none lost from the kernel through to the store.
 *
 * A whole house watches; every start of /bin/true is looked for in the event store's files after the house has stopped.
 *
 *   npm run bench -- exec-to-store [--seconds 30] [--save]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Session } from 'chdb'
import { startHouse } from '../test/house.ts'
import { report } from './figures.ts'
import { startBackground } from './load/background.ts'

const { values: flags } = parseArgs({
  options: { seconds: { type: 'string', default: '30' }, save: { type: 'boolean' } },
})
const seconds = Number(flags.seconds)
const EXECS_PER_SECOND = 1000
const DRAIN_MS = 5000

const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-'))
try {
  const home = join(folder, 'home')
  const started = await flood(home)
  const engine = new Session(join(home, 'server/events/engine'))
  const count = (what: string) =>
    Number(
      engine.query(
        `SELECT ${what} FROM vedette.events
         WHERE kind = 'process' AND activity = 'launch' AND process_path LIKE '%/true'`,
        'TabSeparated',
      ),
    )
  const stored = count('count()')
  const distinct = count('uniqExact(process_uid)')
  engine.close()
  report('exec-to-store', {
    ...started,
    stored,
    storedTwice: stored - distinct,
    lost: started.execs - distinct,
  })
  if (distinct !== started.execs || stored !== distinct) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Runs the load below a house in that folder and stops both. */
async function flood(
  home: string,
): Promise<{ execs: number; execsPerSecond: number; lossesOfParts: number }> {
  await using house = await startHouse({ home })
  const startMs = performance.now()
  let execs = 0
  let loadSeconds = 0
  {
    await using background = await startBackground(EXECS_PER_SECOND, 0, seconds)
    await delay(seconds * 1000)
    execs = background.counts().execs
    loadSeconds = (performance.now() - startMs) / 1000
  }
  await delay(DRAIN_MS)
  const { hosts } = JSON.parse((await house.vedette('status', '--json')).stdout) as {
    hosts: { lost: number }[]
  }
  await house.stop()
  return {
    execs,
    execsPerSecond: Math.round(execs / loadSeconds),
    lossesOfParts: hosts.reduce((sum, { lost }) => sum + lost, 0),
  }
}
