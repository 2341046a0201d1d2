import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '@vedette/base'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NOON } from '../testing/sample-events.ts'
import { openAudit } from './open-audit.ts'
import { auditPaths } from './read-audit.ts'
import { isSigned, keepCheckpointKey, openCheckpointKey, readCheckpoints } from './signed-checkpoint.ts'
import { verifyAudit } from './verify-audit.ts'

let home: string
let folder: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vedette-audit-'))
  folder = join(home, 'audit')
})
afterEach(() => rmSync(home, { recursive: true }))

const clock = { now: () => NOON, monotonic: () => 0 }

function open(options: { every?: number; checkpoint?: string } = {}) {
  const { every = 4, checkpoint = auditPaths(folder).checkpoint } = options
  const { key, checkpoints } = auditPaths(folder)
  return openAudit(folder, {
    clock,
    log: silentLogger,
    checkpoint,
    signing: { name: 'server', key, checkpoints, every },
  })
}

async function write(count: number, target = 'host'): Promise<void> {
  await using log = await open()
  for (let number = 0; number < count; number += 1) {
    await log.append({
      actor: 'ann',
      action: 'respond.freeze',
      target,
      outcome: 'intended',
      detail: { number },
    })
  }
}

const signed = () => readCheckpoints(auditPaths(folder).checkpoints)
const key = () => openCheckpointKey(auditPaths(folder).key)?.key ?? ''
const verify = () => verifyAudit(folder, { ...auditPaths(folder), key: key() })

describe('signed checkpoints', () => {
  test('are made every N records and at the close, with a key of mode 0600', async () => {
    await write(10)
    expect(signed().map(({ sequence, log, time }) => ({ sequence, log, time }))).toEqual(
      [3, 7, 9].map((sequence) => ({ sequence, log: 'server', time: NOON })),
    )
    expect(statSync(auditPaths(folder).key).mode & 0o777).toBe(0o600)
    await write(0)
    await write(1)
    expect(signed().map(({ sequence }) => sequence)).toEqual([3, 7, 9, 10])
    expect(await verify()).toMatchObject({ ok: true, records: 11, checkpoints: 4 })
  })

  test('any change of one makes its signature wrong', async () => {
    const signer = keepCheckpointKey(join(home, 'key'))
    const checkpoint = signer.sign('server', { sequence: 7, hash: 'ab'.repeat(32) }, NOON)
    expect(isSigned(checkpoint)).toBe(true)
    expect(isSigned({ ...checkpoint, sequence: 6 })).toBe(false)
    expect(isSigned({ ...checkpoint, hash: 'cd'.repeat(32) })).toBe(false)
    expect(isSigned({ ...checkpoint, log: 'agent' })).toBe(false)
    expect(isSigned({ ...checkpoint, time: NOON + 1 })).toBe(false)
    expect(isSigned({ ...checkpoint, key: keepCheckpointKey(join(home, 'other')).key })).toBe(false)
    expect(keepCheckpointKey(join(home, 'key')).key).toBe(checkpoint.key)
  })

  test('a line that a crash cut off is no fault and is taken away', async () => {
    await write(5)
    appendFileSync(auditPaths(folder).checkpoints, '{"log":"server","seq')
    expect(await verify()).toMatchObject({ ok: true, checkpoints: 2 })
    await write(1)
    expect(signed()).toHaveLength(3)
    expect(await verify()).toMatchObject({ ok: true, checkpoints: 3 })
  })

  test.each([
    ['others may read it', (file: string) => chmodSync(file, 0o644)],
    ['it is not a private key', (file: string) => writeFileSync(file, 'key')],
  ])('a key is refused where %s', async (reason, spoil) => {
    await write(1)
    spoil(auditPaths(folder).key)
    await expect(open()).rejects.toMatchObject({
      code: 'audit-key-refused',
      message: expect.stringContaining(reason) as string,
    })
  })
})

describe('verifyAudit() finds by them', () => {
  /** All that an intruder who has no key can write: the log, and the mark beside it, which is not signed. */
  async function forge(count: number): Promise<void> {
    rmSync(folder, { recursive: true })
    rmSync(auditPaths(folder).checkpoint)
    await using log = await openAudit(folder, {
      clock,
      log: silentLogger,
      checkpoint: auditPaths(folder).checkpoint,
    })
    for (let number = 0; number < count; number += 1) {
      await log.append({ actor: 'eve', action: 'nothing', target: '', outcome: 'done', detail: {} })
    }
  }

  test('a chain that was computed anew, with the mark beside it', async () => {
    await write(10)
    await forge(10)
    expect(await verifyAudit(folder, { checkpoint: auditPaths(folder).checkpoint })).toMatchObject({
      ok: true,
    })
    expect(await verify()).toMatchObject({ ok: false, fault: { code: 'chain-broken' } })
    const { checkpoints } = auditPaths(folder)
    expect(await verifyAudit(folder, { checkpoints })).toMatchObject({ ok: false, fault: { sequence: 3 } })
  })

  test('an end that was cut off with all that lies beside the log, by one that was kept elsewhere', async () => {
    await write(10)
    const kept = signed()
    const lines = readFileSync(join(folder, '000000000000.jsonl'), 'utf8').split('\n')
    writeFileSync(join(folder, '000000000000.jsonl'), `${lines.slice(0, 8).join('\n')}\n`)
    rmSync(auditPaths(folder).checkpoint)
    writeFileSync(auditPaths(folder).checkpoints, `${JSON.stringify(kept[0])}\n`)
    expect(await verify()).toMatchObject({ ok: true, records: 8 })
    expect(await verifyAudit(folder, { kept, key: key() })).toMatchObject({
      ok: false,
      fault: { sequence: 8, code: 'cut' },
    })
  })

  test('one of another key, and one that was written by hand', async () => {
    await write(4)
    const [one] = signed()
    const other = keepCheckpointKey(join(home, 'other')).sign(
      'server',
      one ?? { sequence: 0, hash: '' },
      NOON,
    )
    const wrong = { ok: false, fault: { code: 'signature-wrong' } }
    expect(await verifyAudit(folder, { kept: [other] })).toMatchObject({ ok: true })
    expect(await verifyAudit(folder, { kept: [other], key: key() })).toMatchObject(wrong)
    appendFileSync(auditPaths(folder).checkpoints, `${JSON.stringify({ ...one, sequence: 2 })}\n`)
    expect(await verify()).toMatchObject(wrong)
  })
})
