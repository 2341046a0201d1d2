import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { Baseline, type BaselineOptions, baselineStateSchema } from './baseline.ts'

const keptSchema = z.object({
  version: z.literal(1),
  baselines: z.array(z.tuple([z.string().max(8192), baselineStateSchema])).max(100_000),
})

/** What is usual of many subjects, those least lately seen forgotten first. */
export class Habits {
  readonly #limit: number
  readonly #baselines = new Map<string, Baseline>()
  /** The highest value of this look by subject: several processes of a program count as one. */
  readonly #now = new Map<string, { value: number; options: BaselineOptions }>()

  constructor(limit: number) {
    this.#limit = limit
  }

  get(key: string): Baseline | undefined {
    return this.#baselines.get(key)
  }

  /** Notes a sample of this look. */
  note(key: string, value: number, options: BaselineOptions): void {
    const noted = this.#now.get(key)
    if (noted === undefined) this.#now.set(key, { value, options })
    else if (value > noted.value) noted.value = value
  }

  /** Learns what was noted since the last call. */
  learn(timeMs: number): void {
    for (const [key, { value, options }] of this.#now) {
      const baseline = this.#baselines.get(key) ?? new Baseline()
      baseline.learn(value, timeMs, options)
      this.#baselines.delete(key)
      this.#baselines.set(key, baseline)
    }
    this.#now.clear()
    for (const key of this.#baselines.keys()) {
      if (this.#baselines.size <= this.#limit) break
      this.#baselines.delete(key)
    }
  }

  /** Takes up what was kept; what is missing or not of its form is left, and learnt anew. */
  load(file: string): void {
    try {
      const { baselines } = keptSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
      for (const [key, state] of baselines) this.#baselines.set(key, new Baseline(state))
    } catch {
      // The first run, or a file that somebody changed.
    }
  }

  /** Keeps it, in one step. */
  save(file: string): void {
    const baselines = [...this.#baselines].map(([key, { state }]) => [key, state])
    writeFileSync(`${file}.next`, JSON.stringify({ version: 1, baselines }), { mode: 0o600 })
    renameSync(`${file}.next`, file)
  }
}
