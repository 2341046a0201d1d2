import { type Counters, silentLogger } from '@vedette/base'
import type { Collector } from '@vedette/collect'
import type { RawRecord } from '@vedette/model'
import { describe, expect, test } from 'vitest'
import { CollectorPart } from './collector-part.ts'
import { RecordQueue } from './record-queue.ts'

const record: RawRecord = { source: 'line', timeMs: 0, path: '/x', text: '', truncated: false }

/** A source that gives so many records and then fails, as a real one does when the kernel takes its descriptor away. */
class FailingCollector implements Collector {
  readonly name: string
  readonly watched = new Set<string>()
  disposed = 0
  #delivered = 0
  readonly #emitted: number
  readonly #given: number

  constructor(name: string, emitted: number, given: number) {
    this.name = name
    this.#emitted = emitted
    this.#given = given
  }

  async *records() {
    for (; this.#delivered < this.#given; this.#delivered += 1) yield [record]
    throw new Error('gone')
  }

  counters(): Counters {
    return { emitted: this.#emitted, delivered: this.#delivered, lost: 0 }
  }

  blindSpots() {
    return [{ code: this.name, message: 'x' }]
  }

  async watch(path: string) {
    this.watched.add(path)
    return {
      [Symbol.asyncDispose]: async () => {
        this.watched.delete(path)
      },
    }
  }

  readonly committed: number[] = []
  async commit(batches: number) {
    this.committed.push(batches)
  }

  async [Symbol.asyncDispose]() {
    this.disposed += 1
  }
}

/** A source that ends with the signal, as all do. */
class QuietCollector extends FailingCollector {
  override async *records() {
    for (let i = 0; i < 3; i += 1) yield [record]
  }
}

function create(...collectors: readonly FailingCollector[]) {
  const left = [...collectors]
  const part = new CollectorPart(
    'kernel',
    async () => {
      const collector = left.shift()
      return collector === undefined
        ? { reason: { code: 'none', message: 'none' } }
        : { collector, passedOver: [{ code: 'better', message: 'x' }] }
    },
    silentLogger,
  )
  return { part, queue: new RecordQueue(1000), signal: new AbortController().signal }
}

describe('CollectorPart', () => {
  test('opens the next collector after a failure; counters go on and what was not handed on is lost', async () => {
    const [first, second] = [new FailingCollector('a', 10, 7), new FailingCollector('b', 5, 5)]
    const { part, queue, signal } = create(first, second)
    await part.open()
    expect(part.report()).toMatchObject({ name: 'a', state: 'running' })
    await expect(part.run(queue, signal)).rejects.toThrow('gone')
    expect(first.disposed).toBe(1)
    expect(part.report()).toEqual({
      name: 'a',
      state: 'failed',
      counters: { emitted: 10, delivered: 7, lost: 3 },
    })
    await expect(part.run(queue, signal)).rejects.toThrow('gone')
    expect(part.report()).toMatchObject({ name: 'b', counters: { emitted: 15, delivered: 12, lost: 3 } })
    expect(queue.size).toBe(12)
  })

  test('sets watches again on the collector that follows, but for those that ended', async () => {
    const [first, second] = [new FailingCollector('a', 0, 0), new FailingCollector('b', 0, 0)]
    const { part, queue, signal } = create(first, second)
    await part.open()
    const gone = await part.watch('/gone')
    await part.watch('/kept')
    expect(first.watched).toEqual(new Set(['/gone', '/kept']))
    await gone[Symbol.asyncDispose]()
    await expect(part.run(queue, signal)).rejects.toThrow('gone')
    const whileNothingIsOpen = await part.watch('/later')
    await expect(part.run(queue, signal)).rejects.toThrow('gone')
    expect(second.watched).toEqual(new Set(['/kept', '/later']))
    await whileNothingIsOpen[Symbol.asyncDispose]()
  })

  test('commits what is kept, also after the source has ended, in order and together', async () => {
    const collector = new QuietCollector('a', 3, 3)
    const { part, queue } = create(collector)
    await part.open()
    await part.run(queue, AbortSignal.abort())
    expect(part.report().state).toBe('stopped')
    expect(collector.disposed).toBe(0)
    const { marks } = (await queue.take(10)) ?? { marks: [] }
    expect(marks.map(({ number }) => number)).toEqual([1, 2, 3])
    for (const { source, number } of marks) source.kept(number)
    await part.close()
    // The commits of 1 and 2 were overtaken before they began.
    expect(collector.committed).toEqual([3])
    expect(collector.disposed).toBe(1)
    for (const { source } of marks) source.kept(9)
    await part.close()
    expect(collector.committed).toEqual([3])
  })

  test('tells what it does not see, also when there is no collector', async () => {
    const { part, queue, signal } = create(new FailingCollector('a', 0, 0))
    await part.open()
    expect(part.blindSpots().map(({ code }) => code)).toEqual(['better', 'a'])
    await expect(part.run(queue, signal)).rejects.toThrow('gone')
    await part.run(queue, signal)
    expect(part.report().state).toBe('unavailable')
    expect(part.blindSpots().map(({ code }) => code)).toContain('none')
  })
})
