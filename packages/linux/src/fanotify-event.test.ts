import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type FanotifyEvent, fanotifyMask, handleKey, parseFanotifyEvents } from './fanotify-event.ts'

const fsid = Buffer.from('FILESYS1')
const handle = Buffer.from([8, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8])

function info(type: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const head = Buffer.from([type, 0, 0, 0])
  head.writeUInt16LE(4 + body.length, 2)
  return Buffer.concat([head, body])
}

function event(mask: number, pid: number, ...infos: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(24)
  head.writeUInt32LE(24 + infos.reduce((sum, { length }) => sum + length, 0), 0)
  head[4] = 3
  head.writeUInt16LE(24, 6)
  head.writeBigUInt64LE(BigInt(mask), 8)
  head.writeInt32LE(-1, 16)
  head.writeInt32LE(pid, 20)
  return Buffer.concat([head, ...infos])
}

const key = handleKey(fsid, handle)
const name = (text: string) => Buffer.from(`${text}\0\0\0`)
const whole = Buffer.concat([
  event(fanotifyMask.create, 7, info(2, fsid, handle, name('ä')), info(4, Buffer.from([9, 0, 0, 0]))),
  event(fanotifyMask.rename, 8, info(10, fsid, handle, name('a')), info(12, fsid, handle, name('b'))),
  event(fanotifyMask.modify, 9, info(1, fsid, handle), info(3, fsid, handle), info(77, name('new'))),
  event(fanotifyMask.overflow, 0),
])

test('events have their places, files and processes', () => {
  const nothing = { fd: -1, pidfd: -1 }
  expect(parseFanotifyEvents(whole)).toEqual([
    { ...nothing, mask: 0x100, pid: 7, pidfd: 9, place: { folder: key, name: 'ä' } },
    {
      ...nothing,
      mask: 0x1000_0000,
      pid: 8,
      from: { folder: key, name: 'a' },
      to: { folder: key, name: 'b' },
    },
    { ...nothing, mask: 2, pid: 9, file: key, place: { folder: key, name: '.' } },
    { ...nothing, mask: 0x4000, pid: 0 },
  ] satisfies FanotifyEvent[])
})

test('whatever the bytes are, it ends, and what is whole before them is kept', () => {
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.uint8Array({ maxLength: 64 }), (at, bytes) => {
      const changed = Buffer.from(whole)
      changed.set(bytes.subarray(0, whole.length - at), at)
      const first = whole.readUInt32LE(0)
      const [event] = parseFanotifyEvents(changed)
      if (at >= first) expect(event).toMatchObject({ mask: 0x100, pid: 7 })
    }),
  )
  expect(parseFanotifyEvents(whole.subarray(0, -1))).toHaveLength(3)
})
