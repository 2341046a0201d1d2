import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { silentLogger } from '@vedette/base'
import { signAssignment } from '@vedette/manager/fleet'
import { KeptAssignments } from '../../../apps/agent/src/assigned/kept-assignments.ts'
import { assignmentOf, newAuthority, NOW } from './authority.ts'
import { rulesOf } from './documents.ts'

const child = fileURLToPath(new URL('crashing-child.ts', import.meta.url))
/** So many restarts, and one that does not come back is given up. */
const MOST_RESTARTS = 8

/** How often an agent had to be started again until it ran with the last good assignment. */
export async function restartsAfterCrash(home: string): Promise<number> {
  mkdirSync(home)
  const authority = newAuthority(NOW + 3_600_000)
  const kept = KeptAssignments.open(join(home, 'assigned'), silentLogger)
  const good = assignmentOf(100)
  await kept.propose(good, 1)
  await kept.confirm()
  const { bytes, sha256 } = rulesOf('crash')
  const content = { version: 2, sha256, sizeBytes: bytes.length }
  const bad = signAssignment(assignmentOf(200, { content }), authority.signer())
  const base = [home, authority.publicPem]
  let said = await start([...base, JSON.stringify(bad), bytes.toString('base64')])
  let restarts = 0
  while (said !== String(good.serial) && restarts < MOST_RESTARTS) {
    said = await start(base)
    restarts += 1
  }
  return restarts
}

async function start(args: readonly string[]): Promise<string> {
  const acting = spawn(process.execPath, [...process.execArgv, child, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  acting.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    acting.kill()
  })
  await once(acting, 'close')
  return said.trim()
}
