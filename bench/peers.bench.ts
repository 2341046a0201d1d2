/**
 * Other engines of Sigma beside `vedette hunt`, as whole processes on one core each, over the same lanes with the same
 * rules: events/s from NDJSON to matches as NDJSON. `npm run bench -- peers [--save]`.
 *
 * A peer is measured where its program is found: `rsigma` (`cargo install rsigma`) on PATH or in VEDETTE_RSIGMA. Every
 * program reads a lane once and eleven times over; the difference is the time for ten, without starting and loading rules.
 * Turn and turn about, so that what disturbs the machine disturbs all. All of them write the event with each match.
 * Reads ../shared/corpora.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@vedette/base'
import { quantile, report } from './figures.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const corpora = join(root, '../shared/corpora')
const ROUNDS = 3
const TIMES = 10
const LANES = ['structured_windows', 'raw_windows', 'sysmon_file_event', 'cisco_syslog']

interface Program {
  readonly name: string
  readonly argv: (rules: string, events: string) => string[]
}

const rsigma = process.env['VEDETTE_RSIGMA'] ?? 'rsigma'
const programs: Program[] = [
  {
    name: 'vedette',
    argv: (rules, events) => [
      join(root, 'apps/cli/bin/vedette'),
      'hunt',
      '--json',
      '--workers',
      '1',
      '--rules',
      rules,
      events,
    ],
  },
]
if (spawnSync(rsigma, ['--version']).status === 0) {
  programs.push({
    name: 'rsigma',
    argv: (rules, events) => [
      rsigma,
      'engine',
      'eval',
      '--quiet',
      '--include-event',
      '--output-format',
      'ndjson',
      '--rules',
      rules,
      '--event',
      `@${events}`,
    ],
  })
} else {
  console.error('rsigma is not here: only Vedette itself is measured')
}

const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-peers-'))

/** Seconds that a program takes on one core, and how many lines it wrote. */
function run({ name, argv }: Program, rules: string, events: string): { seconds: number; lines: number } {
  const path = join(folder, `${name}.out`)
  const output = openSync(path, 'w')
  try {
    const started = systemClock.monotonic()
    const { status, stderr } = spawnSync('taskset', ['-c', '0', ...argv(rules, events)], {
      stdio: ['ignore', output, 'pipe'],
      encoding: 'utf8',
      env: { ...process.env, CI: 'true' },
    })
    const seconds = (systemClock.monotonic() - started) / 1000
    if (status !== 0 || statSync(path).size === 0) throw new Error(`${name} failed: ${stderr}`)
    return { seconds, lines: countLines(readFileSync(path)) }
  } finally {
    closeSync(output)
  }
}

function countLines(bytes: Buffer): number {
  let lines = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines += 1
  return lines
}

const figures: Record<string, unknown> = {}
try {
  for (const archive of ['sigma.tgz', 'bench-lanes.txz']) {
    const { status } = spawnSync('tar', ['-xf', join(corpora, archive), '-C', folder])
    if (status !== 0) throw new Error(`Cannot unpack ${archive}`)
  }
  const rules = join(folder, 'sigma/rules')
  for (const lane of LANES) {
    const once = join(folder, `lanes/${lane}.ndjson`)
    const text = readFileSync(once, 'utf8')
    const events = countLines(Buffer.from(text))
    const often = join(folder, 'often.ndjson')
    writeFileSync(often, text.repeat(TIMES + 1))
    const rates = new Map<string, number[]>(programs.map(({ name }) => [name, []]))
    const matches: Record<string, number> = {}
    for (let i = 0; i < ROUNDS; i += 1) {
      for (const program of programs) {
        const short = run(program, rules, once)
        const long = run(program, rules, often)
        rates.get(program.name)?.push((events * TIMES) / (long.seconds - short.seconds))
        matches[program.name] = Math.round((long.lines - short.lines) / TIMES)
      }
    }
    const perSecond = Object.fromEntries(
      [...rates].map(([name, values]) => [name, Math.round(quantile(values, 0.5))]),
    )
    const ratio = (perSecond['vedette'] ?? 0) / (perSecond['rsigma'] ?? NaN)
    figures[lane] = {
      perSecond,
      matchesInLane: matches,
      ...(Number.isNaN(ratio) ? {} : { vedetteToRsigma: Math.round(ratio * 10) / 10 }),
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}
report('peers', figures)
