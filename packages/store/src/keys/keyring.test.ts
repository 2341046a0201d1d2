import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '@vedette/base'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { KeyringFile } from './keyring-form.ts'
import { Keyring, keyringStatus } from './keyring.ts'
import type { MasterKeySource } from './master-key.ts'
import { aboutOf } from './sealing-key.ts'

let home: string
let folder: string
let now = 1000
const clock = { now: () => now }
const about = aboutOf('here')

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vedette-keyring-'))
  folder = join(home, 'keys')
  now = 1000
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const generated = (): MasterKeySource => ({ from: 'generated', file: join(folder, 'master.key') })
const given = (digit: string): MasterKeySource => ({ from: 'key', key: new Secret(digit.repeat(64)) })
const passphrase = (text: string): MasterKeySource => ({ from: 'passphrase', passphrase: new Secret(text) })
const open = (master = generated()) => Keyring.open({ folder, master, clock })
const file = () => join(folder, 'keyring.json')
const content = () => JSON.parse(readFileSync(file(), 'utf8')) as KeyringFile
/** Everything in the folder, as it is. */
const contents = () =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]))

describe.each([
  ['a generated master key', generated],
  ['a master key that is given', () => given('a')],
  ['a passphrase', () => passphrase('a quiet morning by the sea')],
])('a keyring with %s', (_, master) => {
  test('makes a key when it is asked for, and has it again after a start', () => {
    const key = open(master()).key('state', 'ours')
    const sealed = key.seal(Buffer.from('a secret'), about)
    expect(sealed.includes('a secret')).toBe(false)
    const again = open(master())
    expect(again.key('state', 'ours').id).toBe(key.id)
    expect(again.find(key.id, 'state', 'ours')?.open(sealed, about).toString()).toBe('a secret')
    expect(keyringStatus(folder)).toMatchObject({
      master: { from: master().from },
      keys: [{ id: key.id, before: 0 }],
    })
  })

  test('after a rotation seals with a new key, and opens what the old one sealed', () => {
    const ring = open(master())
    const old = ring.key('state', 'ours')
    const sealed = old.seal(Buffer.from('a secret'), about)
    ring.key('files')
    now = 2000
    expect(ring.rotate(5000)).toBe(0)
    expect(ring.rotate(500)).toBe(2)
    expect(ring.key('state', 'ours').id).not.toBe(old.id)
    const again = open(master())
    expect(again.key('state', 'ours').id).toBe(ring.key('state', 'ours').id)
    expect(again.find(old.id, 'state', 'ours')?.open(sealed, about).toString()).toBe('a secret')
    expect(again.status()?.keys.map(({ before, createdAt }) => [before, createdAt])).toEqual([
      [1, 2000],
      [1, 2000],
    ])
  })
})

describe('a keyring', () => {
  test('changes nothing until a key is asked for, and then keeps files to itself', () => {
    open()
    expect(existsSync(folder)).toBe(false)
    open().key('files')
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    for (const name of ['keyring.json', 'master.key'])
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
  })

  test('has none of its keys in the clear in its file', () => {
    const secret = Buffer.alloc(32, 0x5a)
    const ring = open()
    const adopted = ring.adopt('spool', secret)
    expect(ring.key('spool').id).toBe(adopted.id)
    const text = readFileSync(file(), 'utf8')
    for (const form of ['hex', 'base64', 'base64url'] as const)
      expect(text).not.toContain(secret.toString(form))
    expect(text).not.toContain(readFileSync(join(folder, 'master.key'), 'utf8').trim())
  })

  test('gives a key to its class and tenant alone', () => {
    const ring = open()
    const { id } = ring.key('state', 'ours')
    expect(ring.find(id, 'state', 'ours')).toBeDefined()
    expect(ring.find(id, 'state', 'theirs')).toBeUndefined()
    expect(ring.find(id, 'files')).toBeUndefined()
    expect(ring.key('state', 'theirs').id).not.toBe(id)
  })

  test('sees a key that another process made', () => {
    const [one, other] = [open(), open()]
    const { id } = one.key('spool')
    expect(other.find(id, 'spool')).toBeDefined()
    one.rotate()
    other.refresh()
    expect(other.key('spool').id).toBe(one.key('spool').id)
  })
})

describe('a wrong master key', () => {
  test.each([
    ['another one', () => given('a'), () => given('b'), 'master-key-wrong'],
    [
      'another passphrase',
      () => passphrase('a quiet morning'),
      () => passphrase('a loud evening'),
      'master-key-wrong',
    ],
    ['one from elsewhere', () => given('a'), () => passphrase('a quiet morning'), 'master-key-wrong'],
    [
      'no key at all',
      () => given('a'),
      (): MasterKeySource => ({ from: 'key', key: new Secret('abc') }),
      'key-refused',
    ],
    ['a short passphrase', () => passphrase('a quiet morning'), () => passphrase('short'), 'key-refused'],
  ])('%s is refused, and nothing changes', (_, right, wrong, code) => {
    const { id } = open(right()).key('state', 'ours')
    const before = contents()
    expect(() => open(wrong())).toThrow(expect.objectContaining({ code }))
    expect(contents()).toEqual(before)
    expect(open(right()).key('state', 'ours').id).toBe(id)
  })

  test('a generated one that is gone is told and not made anew, until it is back', () => {
    const { id } = open().key('files')
    const master = join(folder, 'master.key')
    renameSync(master, join(home, 'away'))
    const before = contents()
    expect(() => open()).toThrow(expect.objectContaining({ code: 'master-key-missing' }))
    expect(contents()).toEqual(before)
    renameSync(join(home, 'away'), master)
    expect(open().key('files').id).toBe(id)
    chmodSync(master, 0o644)
    expect(() => open()).toThrow(expect.objectContaining({ code: 'key-refused' }))
  })
})

describe('a file that was altered', () => {
  test.each([
    ['is cut', (text: string) => text.slice(0, 200)],
    ['has the keys of two tenants exchanged', (text: string) => exchanged(text)],
    ['says that a key is of another tenant', (text: string) => text.replace('"ours"', '"them"')],
    ['says something else of the master key', (text: string) => text.replace('"check":"', '"check":"A')],
  ])('that %s is refused', (_, change) => {
    const ring = open()
    ring.key('state', 'ours')
    ring.key('state', 'theirs')
    writeFileSync(file(), change(readFileSync(file(), 'utf8')))
    expect(() => open()).toThrow(expect.objectContaining({ code: 'keyring-damaged' }))
  })

  function exchanged(text: string): string {
    const ring = JSON.parse(text) as KeyringFile
    const [one, two] = ring.keys
    if (one === undefined || two === undefined) throw new Error('two keys are needed')
    const keys = [
      { ...one, wrapped: two.wrapped },
      { ...two, wrapped: one.wrapped },
    ]
    return JSON.stringify({ ...ring, keys })
  }
})

describe('a new master key', () => {
  test('wraps all keys anew and changes none of them; the old one opens nothing any more', () => {
    const ring = open()
    const [state, spool] = [ring.key('state', 'ours'), ring.key('spool')]
    const old = readFileSync(join(folder, 'master.key'), 'utf8')
    const aside = ring.rotateMaster()
    expect(readFileSync(aside ?? '', 'utf8')).toBe(old)
    const again = open()
    expect([again.key('state', 'ours').id, again.key('spool').id]).toEqual([state.id, spool.id])
    expect(content().masters).toHaveLength(1)
    expect(ring.key('state', 'new').id).toBe(open().key('state', 'new').id)
    expect(() => open({ from: 'generated', file: aside ?? '' })).toThrow(
      expect.objectContaining({ code: 'master-key-wrong' }),
    )
  })

  test('comes from elsewhere', () => {
    const ring = open(given('a'))
    const { id } = ring.key('state', 'ours')
    expect(() => ring.rotateMaster(given('a'))).toThrow(expect.objectContaining({ code: 'master-key-same' }))
    ring.rotateMaster(passphrase('a quiet morning'))
    expect(() => open(given('a'))).toThrow(/set encryption.master_key as it was/)
    expect(open(passphrase('a quiet morning')).key('state', 'ours').id).toBe(id)
    ring.rotateMaster(generated())
    expect(open().key('state', 'ours').id).toBe(id)
  })

  test('that came half way leaves keys that either of the two opens', () => {
    const ring = open(given('a'))
    const { id } = ring.key('state', 'ours')
    const before = content()
    ring.rotateMaster(given('b'))
    const after = content()
    const [key] = before.keys
    const half: KeyringFile = {
      ...after,
      masters: [...before.masters, ...after.masters],
      keys: after.keys.map((one) => ({ ...one, wrapped: { ...key?.wrapped, ...one.wrapped } })),
    }
    writeFileSync(file(), JSON.stringify(half))
    expect(open(given('a')).key('state', 'ours').id).toBe(id)
    expect(open(given('b')).key('state', 'ours').id).toBe(id)
    open(given('b')).rotateMaster(given('c'))
    expect(content().masters).toHaveLength(1)
    expect(open(given('c')).key('state', 'ours').id).toBe(id)
  })

  test('there is none without keys', () => {
    expect(() => open().rotateMaster()).toThrow(expect.objectContaining({ code: 'no-keys' }))
  })
})
