import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadRules } from '@vedette/detect'
import { unpackCorpus } from '../test/corpus/unpack.ts'
import { quantile, report } from './figures.ts'

/**
 * How long SigmaHQ's rules take to load, from their text and from the cache, each time in a fresh process with cold code
 * (loading that code is not counted) and in one that loads them again. Told are the time by the clock and the time on a
 * core, the latter for a machine that others use. `--save` keeps the figures.
 */

const [role, ...paths] = process.argv.slice(2)

if (role === '--load') {
  const [cache = '', ...folders] = paths
  const times = []
  for (let round = 0; round < 3; round += 1) {
    const cpu = process.cpuUsage()
    const started = performance.now()
    const { rules } = await loadRules(folders, cache === '' ? {} : { cache })
    const wallMs = performance.now() - started
    const { user, system } = process.cpuUsage(cpu)
    times.push({ rules: rules.length, wallMs, cpuMs: (user + system) / 1000 })
  }
  process.stdout.write(JSON.stringify({ cold: times[0], warm: times.at(-1) }))
} else {
  using corpus = unpackCorpus('sigma.tgz')
  const cache = mkdtempSync(join(tmpdir(), 'vedette-bench-'))
  try {
    const folders = globSync('sigma/rules*', { cwd: corpus.path }).map((name) => join(corpus.path, name))
    const figures: Record<string, unknown> = {}
    const run = (folder: string): Run => {
      const file = fileURLToPath(import.meta.url)
      const { stdout, stderr, status } = spawnSync(process.execPath, [file, '--load', folder, ...folders])
      if (status !== 0) throw new Error(stderr.toString())
      return JSON.parse(stdout.toString()) as Run
    }
    run(cache) // fills it
    for (const [name, folder] of [
      ['text', ''],
      ['cache', cache],
    ] as const) {
      const runs = Array.from({ length: 7 }, () => run(folder))
      const figuresOf = (kind: 'cold' | 'warm') => ({
        wallMs: Math.round(
          quantile(
            runs.map((one) => one[kind].wallMs),
            0.5,
          ),
        ),
        leastWallMs: Math.round(Math.min(...runs.map((one) => one[kind].wallMs))),
        cpuMs: Math.round(
          quantile(
            runs.map((one) => one[kind].cpuMs),
            0.5,
          ),
        ),
        leastCpuMs: Math.round(Math.min(...runs.map((one) => one[kind].cpuMs))),
      })
      figures[name] = { rules: runs[0]?.cold.rules, cold: figuresOf('cold'), warm: figuresOf('warm') }
    }
    report('rule-loading', figures)
  } finally {
    rmSync(cache, { recursive: true })
  }
}

interface Time {
  readonly rules: number
  readonly wallMs: number
  readonly cpuMs: number
}

interface Run {
  readonly cold: Time
  readonly warm: Time
}
