import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@vedette/base'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { masterKeySource } from './config.ts'
import { Keyring } from './keyring.ts'
import { readSealedFile, resealFile, writeSealedFile } from './sealed-file.ts'

let home: string
let path: string
let ring: Keyring
const open = (of = home) =>
  Keyring.open({ folder: join(of, 'keys'), master: masterKeySource(of), clock: systemClock })

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vedette-file-'))
  path = join(home, 'a.pem')
  ring = open()
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

test('a sealed file shows nothing, is for nobody else, and is read after a start', () => {
  expect(readSealedFile(ring, path)).toBeUndefined()
  writeSealedFile(ring, path, 'a private key')
  expect(readFileSync(path, 'utf8')).not.toContain('private')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readSealedFile(open(), path)).toBe('a private key')
  chmodSync(path, 0o640)
  expect(() => readSealedFile(ring, path)).toThrow(expect.objectContaining({ code: 'key-refused' }))
})

test('one that lies there in the clear is sealed in its place', () => {
  writeFileSync(path, 'a private key\n', { mode: 0o600 })
  expect(readSealedFile(ring, path)).toBe('a private key')
  expect(readFileSync(path, 'utf8')).not.toContain('private')
  expect(readSealedFile(ring, path)).toBe('a private key')
})

test('is sealed with the key in use, and opened with those before it', () => {
  writeSealedFile(ring, path, 'a private key')
  expect(resealFile(ring, path)).toBe(false)
  const before = readFileSync(path, 'utf8')
  ring.rotate()
  expect(readSealedFile(ring, path)).toBe('a private key')
  expect(resealFile(ring, path)).toBe(true)
  expect(readFileSync(path, 'utf8')).not.toBe(before)
  expect(readSealedFile(ring, path)).toBe('a private key')
  expect(resealFile(ring, join(home, 'none'))).toBe(false)
})

test('in the place of another one, and without its keys, it is refused and stays as it is', () => {
  writeSealedFile(ring, path, 'a private key')
  const other = join(home, 'b.pem')
  copyFileSync(path, other)
  expect(() => readSealedFile(ring, other)).toThrow(expect.objectContaining({ code: 'sealed-altered' }))
  const before = readFileSync(path, 'utf8')
  expect(() => readSealedFile(open(join(home, 'elsewhere')), path)).toThrow(
    expect.objectContaining({ code: 'key-lost' }),
  )
  expect(readFileSync(path, 'utf8')).toBe(before)
})
