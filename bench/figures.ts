import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

/** Figures mean nothing without the machine that they were taken on. */
export function describeMachine(): Record<string, string | number> {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
  }
}

/** Nearest-rank quantile, `q` from 0 to 1, of at least one value. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN
}

/** Prints the figures as one JSON document; with `--save` among the arguments keeps them as the baseline of that name. */
export function report(name: string, figures: Record<string, unknown>): void {
  const document = `${JSON.stringify({ name, machine: describeMachine(), figures }, null, 2)}\n`
  process.stdout.write(document)
  if (!process.argv.includes('--save')) return
  const folder = fileURLToPath(new URL('./baselines/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}${name}.json`, document)
}
