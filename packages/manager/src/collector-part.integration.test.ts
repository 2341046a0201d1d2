import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { type Counters, silentLogger } from '@vedette/base'
import type { Collector } from '@vedette/collect'
import type { RawRecord } from '@vedette/model'
import { expect, test } from 'vitest'
import { CollectorPart } from './collector-part.ts'
import { RecordQueue } from './record-queue.ts'

const record: RawRecord = { source: 'line', timeMs: 0, path: '/x', text: '', truncated: false }

/** Says each 100 ms that it is there, with a record; the first of its kind spins after the third. */
const script = `
const { parentPort, workerData } = require('node:worker_threads')
let said = 0
setInterval(() => {
  parentPort.postMessage('alive')
  said += 1
  if (workerData.spins && said === 3) for (;;);
}, 100)
`

/** A collector with a thread of its own. */
class ThreadCollector implements Collector {
  readonly name = 'thread'
  readonly #worker: Worker
  #heardMs = performance.now()
  #heard = 0
  #taken = 0

  constructor(spins: boolean) {
    this.#worker = new Worker(script, { eval: true, workerData: { spins } })
    this.#worker.on('message', () => {
      this.#heardMs = performance.now()
      this.#heard += 1
    })
  }

  async *records(signal: AbortSignal) {
    while (!signal.aborted) {
      // Where the thread says nothing this waits for ever, as a real one does.
      await once(this.#worker, 'message', { signal }).catch(() => undefined)
      this.#taken += 1
      yield [record]
    }
  }

  silentMs() {
    return performance.now() - this.#heardMs
  }

  counters(): Counters {
    // Two of what it saw never came.
    return { emitted: this.#heard + 2, delivered: this.#taken, lost: 0 }
  }

  kinds() {
    return { line: this.counters() }
  }

  blindSpots() {
    return []
  }

  async [Symbol.asyncDispose]() {
    await this.#worker.terminate()
  }
}

test('a collector whose thread spins is ended, told as stuck, and the next one goes on; what is lost is counted', async () => {
  let opened = 0
  const troubles: string[] = []
  const part = new CollectorPart(
    'thread',
    async () => {
      opened += 1
      return { collector: new ThreadCollector(opened === 1), passedOver: [] }
    },
    silentLogger,
    (...trouble) => troubles.push(trouble.join(' ')),
  )
  const queue = new RecordQueue(1000)
  const stop = new AbortController()
  await part.open()
  await expect(part.run(queue, stop.signal)).rejects.toThrow('gave no sign of life')
  expect(troubles).toEqual([
    expect.stringMatching(/^thread stuck Collector thread gave no sign of life for \d+ s$/),
  ])
  const { counters, kinds } = part.report()
  expect(counters.lost).toBeGreaterThanOrEqual(2)
  expect(counters.emitted).toBe(counters.delivered + counters.lost)
  expect(kinds).toEqual({ line: counters })

  const before = counters.delivered
  const running = part.run(queue, stop.signal)
  while (part.report().counters.delivered < before + 3) await queue.take(10)
  expect(part.report().state).toBe('running')
  stop.abort()
  await running
  await part.close()
  expect(opened).toBe(2)
})

/** Gives batches without end, each remembered only as long as somebody else holds it. */
class RecallingCollector extends ThreadCollector {
  readonly given: WeakRef<readonly RawRecord[]>[] = []

  override async *records(signal: AbortSignal) {
    while (!signal.aborted) {
      await setImmediate()
      const batch = [{ ...record, text: `${this.given.length}` }]
      this.given.push(new WeakRef(batch))
      yield batch
    }
  }

  override silentMs() {
    return 0
  }
}

test('what was handed on is held by nobody, however long a collector runs', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const collector = new RecallingCollector(false)
  const part = new CollectorPart('thread', async () => ({ collector, passedOver: [] }), silentLogger)
  const queue = new RecordQueue(10)
  const stop = new AbortController()
  await part.open()
  const running = part.run(queue, stop.signal)
  while (collector.given.length < 200) await queue.take(10)
  await setImmediate()
  collectGarbage()
  expect(collector.given.slice(0, 100).filter((batch) => batch.deref() !== undefined)).toEqual([])
  stop.abort()
  queue.abandon()
  await running
  await part.close()
})
