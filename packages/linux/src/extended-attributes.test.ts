import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accessListText, fileCapabilitiesText, readExtendedAttributes } from './extended-attributes.ts'

test('attributes that another program set are read, and those of a file without any are none', () => {
  const folder = mkdtempSync(join(process.cwd(), '.vedette-xattr-'))
  try {
    const file = join(folder, 'a')
    writeFileSync(file, '')
    expect(readExtendedAttributes(file)).toEqual(new Map())
    execFileSync('/usr/bin/python3', [
      '-c',
      'import os, sys; os.setxattr(sys.argv[1], "user.mark", b"one\\0two")',
      file,
    ])
    expect(readExtendedAttributes(file)).toEqual(new Map([['user.mark', Buffer.from('one\0two')]]))
    expect(readExtendedAttributes(join(tmpdir(), 'vedette-nothing-here'))).toEqual(new Map())
  } finally {
    rmSync(folder, { recursive: true })
  }
})

const capabilities = (magic: number, ...words: readonly number[]) =>
  Buffer.from(Uint32Array.of(magic, ...words).buffer)

test('capabilities of a file as getcap prints them', () => {
  // cap_net_raw is 13, cap_bpf 39.
  expect(fileCapabilitiesText(capabilities(0x02000001, 1 << 13, 0, 0, 0))).toBe('cap_net_raw=ep')
  expect(fileCapabilitiesText(capabilities(0x02000000, 1 << 13, 0, 1 << 7, 0))).toBe('cap_net_raw,cap_bpf=p')
  expect(fileCapabilitiesText(capabilities(0x02000000, 1, 2, 0, 0))).toBe('cap_chown=p cap_dac_override=i')
  expect(fileCapabilitiesText(capabilities(0x03000001, 1, 0, 0, 0, 1000))).toBe('cap_chown=ep [rootid=1000]')
  expect(fileCapabilitiesText(capabilities(0x09000001, 1, 0, 0, 0))).toBeUndefined()
})

test('an access list as getfacl prints it', () => {
  const entries = [
    [1, 6, 0xffffffff],
    [2, 4, 1000],
    [0x10, 7, 0xffffffff],
  ].map(([tag = 0, rights = 0, id = 0]) => {
    const entry = Buffer.alloc(8)
    entry.writeUInt16LE(tag, 0)
    entry.writeUInt16LE(rights, 2)
    entry.writeUInt32LE(id, 4)
    return entry
  })
  const value = Buffer.concat([Buffer.from([2, 0, 0, 0]), ...entries])
  expect(accessListText(value)).toBe('user::rw-,user:1000:r--,mask::rwx')
})

test('any bytes are read without a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      fileCapabilitiesText(bytes)
      accessListText(bytes)
    }),
  )
})
