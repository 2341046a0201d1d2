import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger, systemClock } from '@vedette/base'
import { chooseKernelCollector, collectSchema } from '@vedette/collect'
import { contentDirectory, createEngine, loadRules } from '@vedette/detect'
import { bootId } from '@vedette/linux'
import { type AgentId, type Event, processOf } from '@vedette/model'
import { createNormaliser, normaliseConfigSchema } from '@vedette/normalise'
import { type Act, type ActName, acts, perlPrelude } from '../../docs/guide/evasion-acts.ts'
import type { Tier } from '../../docs/guide/evasions.ts'
import { actCommand } from '../../packages/collect/src/collectors/ebpf/actor.ts'

/** What a tier made of one act. */
export interface Seen {
  /** Events of the processes of the act. */
  readonly events: readonly Event[]
  /** Rules that fired on them, by tactic and folder. */
  readonly rules: ReadonlySet<string>
}

const device = { uid: 'evasions' as AgentId, hostname: 'host' }

/** Does all acts, side by side, while the sensor of a tier watches, and tells what it made of each. */
export async function watchActs(tier: Tier): Promise<ReadonlyMap<ActName, Seen>> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-evasions-'))
  try {
    const names = Object.keys(acts) as ActName[]
    for (const name of names) mkdirSync(join(folder, name, 'watched'), { recursive: true })
    const watched = names
      .filter((name) => (acts[name] as Act).watched)
      .map((name) => join(folder, name, 'watched'))
    using normaliser = createNormaliser({
      device,
      bootId: bootId(),
      run: '0123456789abcdef',
      config: normaliseConfigSchema.parse({ executable_hash: { enabled: false } }),
      clock: systemClock,
      log: silentLogger,
    })
    const context = { log: silentLogger, clock: systemClock }
    const { collector } = await chooseKernelCollector(collectSchema.parse({ kernel: tier }), context)
    await using opened = collector
    const stop = new AbortController()
    const events: Event[] = []
    const reading = (async () => {
      for await (const batch of opened.records(stop.signal))
        events.push(...(await normaliser.normalise(batch)))
    })()
    for (const path of watched) await opened.watch?.(path)
    await delay(500)
    const pids = new Map<ActName, number>()
    const done = await Promise.allSettled(
      names.map(async (name) => {
        pids.set(name, await perform(acts[name], join(folder, name)))
      }),
    )
    const failed = done.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []))
    if (failed.length > 0) throw new Error(failed.join('\n'))
    // What the last ones did is told by now to sensors that tell at once, and looked for once more by the others.
    await delay(1000)
    stop.abort()
    await reading
    return await judge(events, pids, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function perform({ perl, node, stdin }: Act, folder: string): Promise<number> {
  const script = join(folder, 'act')
  // Not on the command line, where its words would be what rules find.
  if (perl !== undefined) writeFileSync(script, perlPrelude + perl)
  const [program, ...args] = perl === undefined ? actCommand(node ?? '') : ['/usr/bin/perl', script]
  const child = spawn(program, [...args, folder], {
    cwd: folder,
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'ignore', 'pipe'],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    timeout: 60_000,
  })
  child.stdin?.end(stdin)
  const said: Buffer[] = []
  child.stderr?.on('data', (chunk: Buffer) => said.push(chunk))
  await once(child, 'exit')
  const text = Buffer.concat(said).toString('utf8')
  if (text !== '') throw new Error(`${folder}: ${text}`)
  return child.pid ?? 0
}

/** By the processes that an act began with, and by the folder that it has for itself. */
async function judge(
  events: readonly Event[],
  pids: ReadonlyMap<ActName, number>,
  folder: string,
): Promise<ReadonlyMap<ActName, Seen>> {
  const parameters = { blacklisted_ips: [], whitelisted_ips: [] }
  const { rules } = await loadRules([join(contentDirectory, 'rules/linux')], { parameters })
  const found = new Map<ActName, Seen>()
  for (const [name, pid] of pids) {
    const mine = events.filter((event) => {
      const subject = processOf(event)
      if (subject?.pid === pid || subject?.ancestry?.some((ancestor) => ancestor.pid === pid)) return true
      return JSON.stringify(event).includes(`${folder}/${name}/`)
    })
    const engine = createEngine(rules, { clock: systemClock, log: silentLogger, correlations: [] })
    const fired = engine.evaluate(mine).map(({ rule }) => rule.file.split('/').slice(-3, -1).join('/'))
    found.set(name, { events: mine, rules: new Set(fired) })
  }
  return found
}
