/**
 * Hunting over files with every rule of SigmaHQ: events/s from the bytes of the files to matches as NDJSON, on one core
 * and on two, over the public lanes and over EVTX files. `npm run bench -- hunt [--save]`.
 *
 * `eventsPerProcessorSecond` is what one worker does in a second of a processor's time, also where others use the machine;
 * `loadAverage` says how many others did (the 1-minute average of the system, own threads among them).
 *
 * Reads ../shared/corpora. Every lane is read several times over; loading rules does not count, it has a promise of its own.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@vedette/base'
import { hunt, ndjsonReport } from '@vedette/manager/hunt'
import { quantile, report } from './figures.ts'

const corpora = fileURLToPath(new URL('../../shared/corpora/', import.meta.url))
const ROUNDS = 3

/** So many events are read in one round by each worker, at least: long enough that compiling matchers hardly counts. */
const EVENTS_A_ROUND = 200_000

const lanes = [
  {
    name: 'structured',
    archive: 'bench-lanes.txz',
    path: 'lanes/structured_windows.ndjson',
    rules: 'sigma/rules',
    events: 10_000,
  },
  {
    name: 'raw',
    archive: 'bench-lanes.txz',
    path: 'lanes/raw_windows.ndjson',
    rules: 'sigma/rules',
    events: 10_000,
  },
  {
    name: 'file',
    archive: 'bench-lanes.txz',
    path: 'lanes/sysmon_file_event.ndjson',
    rules: 'sigma/rules',
    events: 10_000,
  },
  {
    name: 'cisco',
    archive: 'bench-lanes.txz',
    path: 'lanes/cisco_syslog.ndjson',
    rules: 'sigma/rules',
    events: 10_000,
  },
  {
    name: 'evtx',
    archive: 'evtx-attack-samples.txz',
    path: 'evtx-attack-samples',
    rules: 'sigma/rules/windows',
    events: 8255,
  },
] as const

interface Round {
  readonly perSecond: number
  readonly perProcessorSecond: number
  readonly matches: number
}

async function round(rules: string, path: string, times: number, workers: number): Promise<Round> {
  const writer = ndjsonReport()
  let written = 0
  let before = process.cpuUsage()
  const summary = await hunt(
    {
      rules: { paths: [rules] },
      paths: Array.from({ length: times }, () => path),
      workers,
      clock: systemClock,
    },
    {
      // The rules are loaded by now.
      begun: () => void (before = process.cpuUsage()),
      matches: (matches) => void (written += writer.matches(matches).length),
    },
  )
  const { user, system } = process.cpuUsage(before)
  if (summary.unreadable > 0 || written === 0) throw new Error(`${path} was not read whole`)
  return {
    perSecond: summary.events / (summary.seconds - summary.loadSeconds),
    perProcessorSecond: (summary.events * 1e6) / (user + system),
    matches: summary.matches / times,
  }
}

const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-hunt-'))
const figures: Record<string, unknown> = {}
try {
  for (const archive of new Set(['sigma.tgz', ...lanes.map((lane) => lane.archive)])) {
    const { status, stderr } = spawnSync('tar', ['-xf', join(corpora, archive), '-C', folder], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`Cannot unpack ${archive}: ${stderr}`)
  }
  for (const lane of lanes) {
    const times = Math.ceil(EVENTS_A_ROUND / lane.events)
    const one: number[] = []
    const two: number[] = []
    const processor: number[] = []
    let matches = 0
    // Turn and turn about, so that what disturbs the machine disturbs both.
    for (let i = 0; i < ROUNDS; i += 1) {
      for (const [workers, rates] of [
        [1, one],
        [2, two],
      ] as const) {
        const done = await round(join(folder, lane.rules), join(folder, lane.path), times * workers, workers)
        rates.push(done.perSecond)
        if (workers === 1) processor.push(done.perProcessorSecond)
        matches = done.matches
      }
    }
    const [alone, both] = [quantile(one, 0.5), quantile(two, 0.5)]
    figures[lane.name] = {
      eventsPerProcessorSecond: Math.round(quantile(processor, 0.5)),
      eventsPerSecondOneCore: Math.round(alone),
      eventsPerSecondTwoCores: Math.round(both),
      twoToOne: Math.round((both / alone) * 100) / 100,
      matchesInLane: matches,
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}
report('hunt', { ...figures, loadAverage: Math.round(loadavg()[0] ?? 0) })
