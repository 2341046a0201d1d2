import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import type { InventoryRecord } from '@vedette/model'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { inventory } from './index.ts'

let folder: string
let root: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-inventory-'))
  root = join(folder, 'root')
  mkdirSync(join(root, 'etc'), { recursive: true })
  mkdirSync(join(root, 'bin'))
  mkdirSync(join(folder, 'kept'))
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nbob:x:1:1::/:/bin/sh\n')
})
afterEach(() => rmSync(folder, { recursive: true }))

async function start() {
  const config = inventory.schema.parse({
    root,
    interval_s: 5,
    types: ['user', 'setuid_file', 'preloaded_library'],
  })
  const collector = await inventory.open(config, {
    log: silentLogger,
    clock: systemClock,
    stateFolder: join(folder, 'kept'),
  })
  const stop = new AbortController()
  const records: InventoryRecord[] = []
  const running = (async () => {
    for await (const batch of collector.records(stop.signal))
      records.push(...(batch as readonly InventoryRecord[]))
  })()
  return {
    records,
    find: (activity: InventoryRecord['activity'], key: string | undefined) =>
      expect
        .poll(() => records.find((one) => one.activity === activity && one.item?.key === key), {
          timeout: 30_000,
          interval: 20,
        })
        .toBeDefined(),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
      await collector[Symbol.asyncDispose]()
    },
  }
}

test('all at first, then what is new, gone or another, also after a restart', async () => {
  {
    await using running = await start()
    await expect.poll(() => running.records.length, { timeout: 30_000 }).toBe(3)
    expect(
      running.records.map(({ activity, inventory_type: type, count }) => [activity, type, count]),
    ).toEqual([
      ['collect', 'user', 2],
      ['collect', 'preloaded_library', 0],
      ['collect', 'setuid_file', 0],
    ])
    writeFileSync(join(root, 'etc/ld.so.preload'), '/tmp/evil.so\n')
    writeFileSync(join(root, 'bin/x'), 'x')
    chmodSync(join(root, 'bin/x'), 0o4755)
    await running.find('add', '/tmp/evil.so')
    await running.find('add', '/bin/x')
    expect(running.records.find(({ item }) => item?.key === '/bin/x')).toMatchObject({
      inventory_type: 'setuid_file',
      item: { facts: { mode: '4755', packaged: false } },
    })
    expect(running.records.every(({ unwatched }) => unwatched === undefined)).toBe(true)
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nbob:x:0:1::/:/bin/sh\n')
  rmSync(join(root, 'bin/x'))
  await using running = await start()
  await running.find('change', 'bob')
  await running.find('remove', '/bin/x')
  expect(running.records).toHaveLength(2)
  expect(running.records.find(({ activity }) => activity === 'change')).toMatchObject({
    inventory_type: 'user',
    item: { facts: { uid: 0 } },
    before: { uid: 1 },
    changed: ['uid'],
    unwatched: true,
  })
})
