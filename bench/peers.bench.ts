/**
 * Other engines of Sigma beside `vedette hunt`, as whole processes on one core each, over the same lanes with the same
 * rules: events/s from NDJSON to matches as NDJSON. `npm run bench -- peers [--save]`.
 *
 * A peer is measured where its program is found: `rsigma` (`cargo install rsigma`) on PATH or in VEDETTE_RSIGMA. Every
 * program reads a lane once and many times over; the difference is the time for the others, without starting and loading
 * rules. Time is the processor's, of the program and of the kernel for it: others may use the core as well. Turn and turn
 * about, so that what disturbs the machine disturbs all. All of them write a line with the event for each match to a file.
 *
 * RSigma is measured as it comes, when it asks all rules of all events (Windows ones of lines of Cisco too, of which some
 * match by what is missing), and as `rsigmaRouted` with `--logsource-routing`, when it asks those that Vedette asks.
 * Reads ../shared/corpora.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { quantile, report } from './figures.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const corpora = join(root, '../shared/corpora')
const ROUNDS = 3
/**
 * Lanes, and how often each is read over again: the fewer, the longer one of its events takes. So often that a program that
 * is compiled while it runs is measured at work and not at its beginning, and that what others do evens out.
 */
const LANES = { cisco_syslog: 100, structured_windows: 20, raw_windows: 60, sysmon_file_event: 30 }

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
  const argvOf = (rules: string, events: string) => [
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
  ]
  programs.push(
    { name: 'rsigma', argv: argvOf },
    { name: 'rsigmaRouted', argv: (rules, events) => [...argvOf(rules, events), '--logsource-routing'] },
  )
} else {
  console.error('rsigma is not here: only Vedette itself is measured')
}

const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-peers-'))

/** Runs what it is given, then says what its children have used: `0m1.25s 0m0.5s` in the last line (POSIX `times`). */
const TIMED = '"$@"; code=$?; times >&2; exit $code'

/** Seconds of a processor that a program takes, and how many lines it wrote. */
function run({ name, argv }: Program, rules: string, events: string): { seconds: number; lines: number } {
  const path = join(folder, `${name}.out`)
  const output = openSync(path, 'w')
  try {
    const command = ['taskset', '-c', '0', ...argv(rules, events)]
    const { status, stderr } = spawnSync('sh', ['-c', TIMED, 'sh', ...command], {
      stdio: ['ignore', output, 'pipe'],
      encoding: 'utf8',
      env: { ...process.env, CI: 'true' },
    })
    const [used] = /.*$/.exec(stderr.trimEnd()) ?? ['']
    let seconds = 0
    for (const [, minutes, rest] of used.matchAll(/(\d+)m([\d.]+)s/g))
      seconds += Number(minutes) * 60 + Number(rest)
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
  for (const [lane, times] of Object.entries(LANES)) {
    const once = join(folder, `lanes/${lane}.ndjson`)
    const text = readFileSync(once, 'utf8')
    const events = countLines(Buffer.from(text))
    const often = join(folder, 'often.ndjson')
    writeFileSync(often, text.repeat(times + 1))
    const rates = new Map<string, number[]>(programs.map(({ name }) => [name, []]))
    const matches: Record<string, number> = {}
    for (let i = 0; i < ROUNDS; i += 1) {
      for (const program of programs) {
        const short = run(program, rules, once)
        const long = run(program, rules, often)
        rates.get(program.name)?.push((events * times) / (long.seconds - short.seconds))
        matches[program.name] = Math.round((long.lines - short.lines) / times)
      }
    }
    const perSecond = Object.fromEntries(
      [...rates].map(([name, values]) => [name, Math.round(quantile(values, 0.5))]),
    )
    const { vedette = 0, ...peers } = perSecond
    const vedetteTo = Object.fromEntries(
      Object.entries(peers).map(([name, rate]) => [name, Math.round((vedette / rate) * 10) / 10]),
    )
    figures[lane] = { perSecond, matchesInLane: matches, vedetteTo }
    console.error(`${lane}: ${JSON.stringify(figures[lane])}`)
  }
} finally {
  rmSync(folder, { recursive: true })
}
report('peers', figures)
