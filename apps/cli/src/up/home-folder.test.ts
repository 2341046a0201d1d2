import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { homePaths } from '../home.ts'
import { prepareHome } from './home-folder.ts'

const me = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-home-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('prepareHome() makes a missing home with mode 0700', () => {
  const home = join(folder, 'new', 'home')
  prepareHome(homePaths(home), me)
  expect(statSync(home).mode & 0o777).toBe(0o700)
})

test('prepareHome() refuses a home that others can read, and says what to type', () => {
  chmodSync(folder, 0o750)
  expect(() => prepareHome(homePaths(folder), me)).toThrow(
    expect.objectContaining({ code: 'home-refused', exitCode: 4, hint: `Type: chmod 700 ${folder}` }),
  )
})

test('prepareHome() refuses a link, a file and a home of somebody else', () => {
  const link = join(folder, 'link')
  symlinkSync(folder, link)
  expect(() => prepareHome(homePaths(link), me)).toThrow('is a symbolic link')
  expect(() => prepareHome(homePaths('/dev/null'), me)).toThrow('is not a folder')
  expect(() => prepareHome(homePaths(folder), { ...me, uid: me.uid + 1 })).toThrow('belongs to uid')
})

test('prepareHome() refuses a home below a folder in which everybody may rename it', () => {
  const open = join(folder, 'open')
  mkdirSync(open)
  chmodSync(open, 0o777)
  const home = join(open, 'home')
  expect(() => prepareHome(homePaths(home), me)).toThrow(`Others may write in ${open}`)
  chmodSync(open, 0o1777)
  prepareHome(homePaths(home), me)
})
