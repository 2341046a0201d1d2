import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { silentLogger, systemClock } from '@vedette/base'
import { auditPaths, openAudit } from '@vedette/store/audit'
import { openCheckpointKey } from '@vedette/store/audit-checkpoint'
import { readAudit } from '@vedette/store/read-audit'
import { verifyOwnAudit } from '@vedette/store/verify-audit'
import { seeded } from '../../../packages/store/src/testing/forgetful-files.ts'
import type { Figure } from '../row.ts'
import { alter } from './alterations.ts'

const child = fileURLToPath(new URL('acting-child.ts', import.meta.url))
/** Largest file of a run that comes to the end of what it may write. Bytes. */
const LIMIT = 40_000

export interface Extent {
  readonly kills: number
  /** Times that each alteration is made. */
  readonly alterations: number
}

export async function trial(seed: number, extent: Extent): Promise<readonly Figure[]> {
  const random = seeded(seed)
  const home = mkdtempSync(join(tmpdir(), 'vedette-S9-'))
  try {
    const killed = join(home, 'killed')
    mkdirSync(killed)
    const afterKills = await underKills(killed, extent.kills, random)
    const folder = join(killed, 'audit')
    const signer = openCheckpointKey(auditPaths(folder).key)
    if (!afterKills.verdict.ok || signer === undefined) throw new Error('the log did not outlast the kills')
    const end = { sequence: afterKills.verdict.records - 1, hash: afterKills.verdict.lastHash }
    const kept = [signer.sign('server', end, Date.now())]
    const altered = await alter(folder, join(home, 'altered'), kept, extent.alterations, random)
    const limited = join(home, 'limited')
    mkdirSync(limited)
    const unwritable = await underLimit(limited)
    return [
      { name: 'kill -9', value: extent.kills },
      { name: 'acts', value: afterKills.acts + unwritable.acts, must: { beAtLeast: extent.kills } },
      { name: 'acts without a record', value: afterKills.bare + unwritable.bare, must: { be: 0 } },
      { name: 'acts refused, the log being unwritable', value: unwritable.refused, must: { beAtLeast: 8 } },
      { name: 'alterations of the log', value: altered.tried, must: { beAtLeast: 5 * extent.alterations } },
      { name: 'alterations not found', value: altered.missed, must: { be: 0 } },
    ]
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** Kills the writer again and again, each time at another place of its work. */
async function underKills(home: string, kills: number, random: () => number) {
  for (let kill = 0; kill < kills; kill += 1) {
    const before = linesIn(join(home, 'acts')).length
    const acting = start(home, `k${kill}`)
    const ended = once(acting, 'exit')
    while (linesIn(join(home, 'acts')).length === before && acting.exitCode === null) await delay(2)
    await delay(random() * 25)
    acting.kill('SIGKILL')
    await ended
  }
  return judge(home)
}

/** Lets the writer come to the end of what it may write: its system refuses it a larger file (RLIMIT_FSIZE). */
async function underLimit(home: string) {
  const acting = start(home, 'limited', LIMIT)
  let said = ''
  acting.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await once(acting, 'close')
  return { ...(await judge(home)), refused: said.split('\n').length - 1 }
}

function start(home: string, run: string, fileBytes?: number): ChildProcess {
  const args = [...process.execArgv, child, join(home, 'audit'), join(home, 'acts'), run]
  const stdio = ['ignore', 'pipe', 'inherit'] as const
  return fileBytes === undefined
    ? spawn(process.execPath, args, { stdio: [...stdio] })
    : spawn('prlimit', [`--fsize=${fileBytes}`, '--', process.execPath, ...args], { stdio: [...stdio] })
}

/** Opens the log as the next start would, verifies it, and looks for the record of each act. */
async function judge(home: string) {
  const folder = join(home, 'audit')
  const { checkpoint } = auditPaths(folder)
  const log = await openAudit(folder, { clock: systemClock, log: silentLogger, checkpoint })
  await log[Symbol.asyncDispose]()
  const intended = new Set<string>()
  for await (const { outcome, target } of readAudit(folder)) if (outcome === 'intended') intended.add(target)
  const acts = linesIn(join(home, 'acts'))
  return {
    verdict: await verifyOwnAudit(folder),
    acts: acts.length,
    bare: acts.filter((act) => !intended.has(act)).length,
  }
}

function linesIn(file: string): string[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8').split('\n').slice(0, -1)
}
