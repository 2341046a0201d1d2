import { silentLogger } from '@vedette/base'
import type { Gap } from '@vedette/model'
import { expect, test } from 'vitest'
import { Crash, ForgetfulFiles, seeded } from '../testing/forgetful-files.ts'
import { batch } from '../testing/sample-events.ts'
import { DiskSpool } from './disk-spool.ts'
import { ledgerBytes, LossLedger } from './loss-ledger.ts'

const CAP = 1 << 20
const RUN = '0123456789abcdef'
const open = (files: ForgetfulFiles, capBytes = CAP) => LossLedger.open(files, silentLogger, capBytes)
const gap = (from: number, to = from, events = 10 * (to - from + 1)): Gap => ({
  run: RUN,
  from,
  to,
  batches: to - from + 1,
  events,
})

test('what follows another gap of its run is one gap with it; what was no batch yet stands by itself', async () => {
  const ledger = await open(new ForgetfulFiles(seeded(1)))
  await ledger.add([gap(3), gap(4), gap(7)])
  await ledger.add([gap(8)])
  await ledger.add([{ run: RUN, from: 9, to: 9, batches: 0, events: 5 }])
  expect([...ledger.gaps()]).toEqual([
    gap(3, 4),
    gap(7, 8),
    { run: RUN, from: 9, to: 9, batches: 0, events: 5 },
  ])
  expect(ledger.events).toBe(45)
  expect([2, 3, 4, 5, 9].map((number) => ledger.covers(RUN, number))).toEqual([
    false,
    true,
    true,
    false,
    false,
  ])
})

test('what came all the same is lost no more', async () => {
  const files = new ForgetfulFiles(seeded(1))
  const ledger = await open(files)
  await ledger.add([gap(3, 5)])
  await ledger.takeBack(RUN, 4, 10)
  expect(ledger.events).toBe(20)
  const next = await open(files)
  expect([...next.gaps()]).toEqual([{ ...gap(3, 5), batches: 2, events: 20 }])
  await next.takeBack(RUN, 3, 10)
  await next.takeBack(RUN, 5, 10)
  expect([...next.gaps()]).toEqual([])
})

test('whatever it is cut off by, what was added is there, and nothing else', async () => {
  const random = seeded(7)
  for (let history = 0; history < 300; history += 1) {
    let files = new ForgetfulFiles(random, Math.floor(random() * 30))
    const added: number[] = []
    let next = 0
    for (let life = 0; life < 4; life += 1) {
      try {
        const ledger = await open(files, 2048)
        for (; ; next += 2) {
          await ledger.add([gap(next)])
          added.push(next)
        }
      } catch (error) {
        expect(error).toBeInstanceOf(Crash)
        next += 2
      }
      files = files.afterCrash(Math.floor(random() * 30))
    }
    const last = await open(files.afterCrash(Number.POSITIVE_INFINITY), 2048)
    // One whose adding was cut off may be there: nothing that comes after it was kept then.
    expect(last.events).toBeGreaterThanOrEqual(added.length * 10)
    expect(last.events).toBeLessThanOrEqual((added.length + 4) * 10)
  }
})

test('it takes no more room than it may, and keeps the sum of what it no longer knows one by one', async () => {
  const files = new ForgetfulFiles(seeded(1))
  const ledger = await open(files, 100_000)
  for (let number = 0; number < 1000; number += 1) {
    await ledger.add([gap(number * 2)])
    expect(ledger.sizeBytes).toBeLessThanOrEqual(ledgerBytes(100_000))
  }
  expect(ledger.events).toBe(10_000)
  expect(files.list()).toHaveLength(1)
  const next = await open(files, 100_000)
  expect(next.events).toBe(10_000)
  expect([...next.gaps()].at(-1)).toEqual(gap(1998))
  expect([...next.gaps()].length).toBeLessThan(50)
})

test('the losses of a spool outlast the process that had them, and what was given up does not come again', async () => {
  const files = new ForgetfulFiles(seeded(1))
  const spool = await DiskSpool.open(files, silentLogger, { capBytes: 20_000, segmentBytes: 2000 })
  let bulk = 0
  while ((await spool.append(batch(bulk))) === 'kept') bulk += 1
  await spool.declare({ run: RUN, from: bulk + 1, to: bulk + 1, batches: 0, events: 7 })
  for (let urgent = 0; urgent < 5; urgent += 1)
    await spool.append(batch(urgent, 3, 'ffffffffffffffff'), 'urgent')
  const lost = spool.counters().lost + 7
  expect(spool.losses().events).toBe(lost)
  const next = await DiskSpool.open(files.afterCrash(1e9), silentLogger, { capBytes: 20_000 })
  expect(next.losses().events).toBe(lost)
  expect(next.counters().lost).toBe(0)
})

test('damage is counted once, however often the spool is opened', async () => {
  const files = new ForgetfulFiles(seeded(1))
  const spool = await DiskSpool.open(files, silentLogger)
  for (let sequence = 0; sequence < 3; sequence += 1) await spool.append(batch(sequence))
  const [name = ''] = files.list()
  const bytes = await files.read(name)
  const broken = new ForgetfulFiles(seeded(1))
  const file = await broken.create(name)
  bytes.writeUInt8(bytes.readUInt8(bytes.length / 2) ^ 1, bytes.length / 2)
  await file.write(bytes)
  await file.sync()
  for (let start = 0; start < 3; start += 1) {
    const again = await DiskSpool.open(broken, silentLogger)
    expect(again.losses()).toMatchObject({ events: 3, gaps: [{ batches: 0, events: 3 }] })
    await again[Symbol.asyncDispose]()
  }
})
