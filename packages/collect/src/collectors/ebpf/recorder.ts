import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '@vedette/base'
import type { KernelRecord } from '@vedette/model'
import { EbpfCollector } from './collector.ts'
import { ebpfSchema } from './config.ts'

type RecordOf<T extends KernelRecord['type'], R = KernelRecord> = R extends KernelRecord
  ? T extends R['type']
    ? R
    : never
  : never

/** For tests: a running collector, and what it has told so far. */
export class Recorder implements AsyncDisposable {
  readonly collector: EbpfCollector
  readonly seen: KernelRecord[] = []
  readonly #abort = new AbortController()
  readonly #done: Promise<void>
  #wake: (() => void) | undefined

  private constructor(collector: EbpfCollector) {
    this.collector = collector
    this.#done = this.#collect()
  }

  /** `config` is that of a user; by default nothing is watched and the tests' own process is told. */
  static async start(config: Readonly<Record<string, unknown>> = {}): Promise<Recorder> {
    const parsed = ebpfSchema.parse({ ignore_self: false, watch_paths: [], watch_reads: [], ...config })
    return new Recorder(await EbpfCollector.open(parsed, silentLogger))
  }

  async #collect(): Promise<void> {
    for await (const batch of this.collector.records(this.#abort.signal)) {
      this.seen.push(...batch)
      this.#wake?.()
    }
  }

  /** The first record of a type for which it holds, whether already seen or still to come. */
  async find<T extends KernelRecord['type']>(
    type: T,
    holds: (record: RecordOf<T>) => boolean,
  ): Promise<RecordOf<T>> {
    for (let i = 0; ; i += 1) {
      while (i >= this.seen.length) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
      const record = this.seen[i]
      if (record?.type === type && holds(record as RecordOf<T>)) return record as RecordOf<T>
    }
  }

  all<T extends KernelRecord['type']>(type: T): RecordOf<T>[] {
    return this.seen.filter((record) => record.type === type) as RecordOf<T>[]
  }

  /** What the collector failed with, once it does. Then only the collector is to be disposed of. */
  get failed(): Promise<unknown> {
    return this.#done.then(
      () => undefined,
      (error: unknown) => error,
    )
  }

  /** Ends the collector. All that the kernel told is then in `seen`. */
  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#done
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await this.collector[Symbol.asyncDispose]()
  }
}

/** For tests: a folder of their own, removed when it is disposed of. */
export function temporaryFolder(): Disposable & { readonly path: string; file(name: string): string } {
  const path = mkdtempSync(join(tmpdir(), 'vedette-ebpf-'))
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  }
}
