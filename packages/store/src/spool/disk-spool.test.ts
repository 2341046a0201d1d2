import { silentLogger } from '@vedette/base'
import type { EventBatch } from '@vedette/model'
import { unpackBatch } from '@vedette/model/batch-frame'
import { describe, expect, test } from 'vitest'
import { ForgetfulFiles, seeded } from '../testing/forgetful-files.ts'
import { batch } from '../testing/sample-events.ts'
import { DiskSpool } from './disk-spool.ts'
import { SEGMENT_HEADER_BYTES } from './segment.ts'

async function waitingIn(spool: DiskSpool): Promise<EventBatch[]> {
  const stop = new AbortController()
  const found: EventBatch[] = []
  if (spool.waiting === 0) return found
  for await (const one of spool.pending(stop.signal)) {
    found.push(unpackBatch(one))
    if (found.length === spool.waiting) stop.abort()
  }
  return found
}

const open = (files: ForgetfulFiles, options = {}) => DiskSpool.open(files, silentLogger, options)
const sequences = (batches: readonly EventBatch[]) => batches.map(({ sequence }) => sequence)

/** Crashes and random histories: test/faults/R3. */
describe('a spool', () => {
  test('gives batches in order until they are acknowledged, also to the next process', async () => {
    const files = new ForgetfulFiles(seeded(1))
    const spool = await open(files, { segmentBytes: 2000 })
    const batches = Array.from({ length: 10 }, (_, sequence) => batch(sequence))
    expect(await Promise.all(batches.map((one) => spool.append(one)))).toEqual(Array(10).fill('kept'))
    for (const sequence of [0, 1, 5]) await spool.acknowledge('0123456789abcdef', sequence)
    expect(await waitingIn(spool)).toEqual(batches.filter(({ sequence }) => ![0, 1, 5].includes(sequence)))
    await spool[Symbol.asyncDispose]()
    const next = await open(files.afterCrash(1e9))
    const rest = await waitingIn(next)
    // Those of a segment that is still needed are given again.
    expect(sequences(rest)).toEqual(expect.arrayContaining([2, 3, 4, 6, 7, 8, 9]))
    expect(rest).toEqual(batches.filter(({ sequence }) => sequences(rest).includes(sequence)))
  })

  test('pending() waits for what comes', async () => {
    const spool = await open(new ForgetfulFiles(seeded(1)))
    const stop = new AbortController()
    const found: number[] = []
    const reading = (async () => {
      for await (const { sequence } of spool.pending(stop.signal)) {
        found.push(sequence)
        if (found.length === 3) stop.abort()
      }
    })()
    await spool.append(batch(0))
    await Promise.all([spool.append(batch(1)), spool.append(batch(2))])
    await reading
    expect(found).toEqual([0, 1, 2])
  })

  test('over its cap it drops the newest and counts every event of them', async () => {
    const files = new ForgetfulFiles(seeded(1))
    const spool = await open(files, { capBytes: 5000, segmentBytes: 2000 })
    const outcomes = []
    for (let sequence = 0; sequence < 20; sequence += 1) outcomes.push(await spool.append(batch(sequence)))
    const kept = outcomes.filter((outcome) => outcome === 'kept').length
    expect(outcomes).toEqual([...Array(kept).fill('kept'), ...Array(20 - kept).fill('dropped')])
    expect(spool.counters()).toEqual({ emitted: 60, delivered: 0, lost: (20 - kept) * 3 })
    expect(spool.sizeBytes).toBeLessThanOrEqual(5000)
    expect(files.list().reduce((sum, name) => sum + files.sizeOf(name), 0)).toBe(spool.sizeBytes)
    for (const one of await waitingIn(spool)) await spool.acknowledge(one.run, one.sequence)
    expect(await spool.append(batch(20))).toBe('kept')
  })

  test('urgent batches come first, and take the place of the newest bulk where there is no room', async () => {
    const files = new ForgetfulFiles(seeded(1))
    const spool = await open(files, { capBytes: 20_000, segmentBytes: 2000 })
    let bulk = 0
    while ((await spool.append(batch(bulk))) === 'kept') bulk += 1
    const urgent = Array.from({ length: 10 }, (_, sequence) => batch(sequence, 3, 'ffffffffffffffff'))
    for (const one of urgent) expect(await spool.append(one, 'urgent')).toBe('kept')
    expect(spool.sizeBytes).toBeLessThanOrEqual(20_000)
    const found = await waitingIn(spool)
    expect(found.slice(0, 10)).toEqual(urgent)
    const left = sequences(found.slice(10))
    expect(left).toEqual(Array.from({ length: left.length }, (_, sequence) => sequence))
    expect(left.length).toBeLessThan(bulk)
    expect(spool.counters().lost).toBe((bulk + 1 - left.length) * 3)
  })

  test('urgent batches are dropped only where no bulk is left', async () => {
    const spool = await open(new ForgetfulFiles(seeded(1)), { capBytes: 20_000, segmentBytes: 2000 })
    for (let sequence = 0; sequence < 100; sequence += 1) await spool.append(batch(sequence))
    let urgent = 0
    while ((await spool.append(batch(urgent, 3, 'ffffffffffffffff'), 'urgent')) === 'kept') urgent += 1
    expect((await waitingIn(spool)).every(({ run }) => run === 'ffffffffffffffff')).toBe(true)
    expect(spool.counters()).toEqual({ emitted: (101 + urgent) * 3, delivered: 0, lost: 101 * 3 })
    expect(spool.sizeBytes).toBeLessThanOrEqual(20_000)
  })

  test('what was given up while it was under way, and is stored all the same, is not lost', async () => {
    const spool = await open(new ForgetfulFiles(seeded(1)), { capBytes: 5000, segmentBytes: 2000 })
    let sequence = 0
    while ((await spool.append(batch(sequence))) === 'kept') sequence += 1
    expect(spool.counters()).toMatchObject({ delivered: 0, lost: 3 })
    await spool.acknowledge('0123456789abcdef', sequence)
    await spool.acknowledge('0123456789abcdef', sequence)
    expect(spool.counters()).toMatchObject({ delivered: 3, lost: 0 })
  })

  test('deletes what is acknowledged', async () => {
    const files = new ForgetfulFiles(seeded(1))
    const spool = await open(files, { segmentBytes: 1000 })
    for (let sequence = 0; sequence < 50; sequence += 1) await spool.append(batch(sequence))
    expect(files.list().length).toBeGreaterThan(10)
    for (let sequence = 0; sequence < 50; sequence += 1) await spool.acknowledge('0123456789abcdef', sequence)
    await spool[Symbol.asyncDispose]()
    expect(files.list()).toEqual([])
    expect(spool.counters()).toEqual({ emitted: 150, delivered: 150, lost: 0 })
  })
})

describe('damage', () => {
  /** Three batches in one full segment, then a segment with a fourth. */
  async function twoSegments() {
    const files = new ForgetfulFiles(seeded(1))
    const spool = await open(files, { segmentBytes: 1000 })
    for (let sequence = 0; sequence < 4; sequence += 1) await spool.append(batch(sequence, 2 + sequence))
    const [first = '', second = ''] = files.list().sort()
    expect(files.list()).toHaveLength(2)
    return {
      first: await files.read(first),
      second: await files.read(second),
      names: [first, second] as const,
    }
  }

  async function put(contents: Readonly<Record<string, Buffer>>): Promise<ForgetfulFiles> {
    const files = new ForgetfulFiles(seeded(1))
    for (const [name, bytes] of Object.entries(contents)) {
      const file = await files.create(name)
      await file.write(bytes)
      await file.sync()
    }
    return files
  }

  /** Opens what is damaged: nothing altered, nothing out of order, every event of what is missing counted. */
  async function check(files: ForgetfulFiles, events: number, what: string): Promise<EventBatch[]> {
    const spool = await open(files)
    const found = await waitingIn(spool)
    for (const one of found) expect(one, what).toEqual(batch(one.sequence, 2 + one.sequence))
    expect(sequences(found), what).toEqual(sequences(found).sort((a, b) => a - b))
    const given = found.reduce((sum, one) => sum + one.events.length, 0)
    expect(spool.counters(), what).toEqual({ emitted: events, delivered: 0, lost: events - given })
    await spool[Symbol.asyncDispose]()
    return found
  }

  test('a flipped byte anywhere loses at most its own record, counted', async () => {
    const { first, second, names } = await twoSegments()
    for (let offset = 0; offset < first.length; offset += 1) {
      const broken = Buffer.from(first)
      broken.writeUInt8(broken.readUInt8(offset) ^ (1 + (offset % 255)), offset)
      const found = await check(await put({ [names[0]]: broken, [names[1]]: second }), 14, `flip ${offset}`)
      expect(found.length, `flip ${offset}`).toBeGreaterThanOrEqual(3)
    }
  })

  test('a flipped byte in the last segment too', async () => {
    const { first, names } = await twoSegments()
    for (let offset = 0; offset < first.length; offset += 1) {
      const broken = Buffer.from(first)
      broken.writeUInt8(broken.readUInt8(offset) ^ 0x40, offset)
      const found = await check(await put({ [names[0]]: broken }), 9, `flip ${offset}`)
      expect(found.length, `flip ${offset}`).toBeGreaterThanOrEqual(2)
    }
  })

  test('a byte cut out of the middle, anywhere', async () => {
    const { first, second, names } = await twoSegments()
    for (let offset = 0; offset < first.length; offset += 1) {
      const cut = Buffer.concat([first.subarray(0, offset), first.subarray(offset + 1)])
      const found = await check(await put({ [names[0]]: cut, [names[1]]: second }), 14, `cut ${offset}`)
      expect(found.length, `cut ${offset}`).toBeGreaterThanOrEqual(3)
    }
  })

  test('a segment that ends too early is followed by one that tells what is missing', async () => {
    const { first, second, names } = await twoSegments()
    for (let length = SEGMENT_HEADER_BYTES; length < first.length; length += 1) {
      await check(
        await put({ [names[0]]: first.subarray(0, length), [names[1]]: second }),
        14,
        `end ${length}`,
      )
    }
  })

  test('opened twice, a torn end is counted once', async () => {
    const { first, names } = await twoSegments()
    const files = await put({ [names[0]]: first.subarray(0, first.length - 100) })
    await check(files, 9, 'first')
    await check(files, 5, 'second')
  })

  test('a record that goes bad while the spool is open is counted and left out', async () => {
    const { first, names } = await twoSegments()
    const files = await put({ [names[0]]: first })
    const spool = await open(files)
    const broken = Buffer.from(first)
    broken.writeUInt8(0, SEGMENT_HEADER_BYTES + 80)
    await files.remove(names[0])
    const file = await files.create(names[0])
    await file.write(broken)
    const stop = new AbortController()
    const found: number[] = []
    for await (const { sequence } of spool.pending(stop.signal)) {
      found.push(sequence)
      if (sequence === 2) stop.abort()
    }
    expect(found).toEqual([1, 2])
    expect(spool.counters()).toEqual({ emitted: 9, delivered: 0, lost: 2 })
  })
})
