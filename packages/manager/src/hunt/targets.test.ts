import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findTargets } from './targets.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-hunt-test-'))
  mkdirSync(join(folder, 'b/c'), { recursive: true })
  for (const name of ['a.log', 'b/2.log', 'b/1.log', 'b/c/3.log']) writeFileSync(join(folder, name), name)
  symlinkSync(folder, join(folder, 'b/loop'))
  symlinkSync(join(folder, 'a.log'), join(folder, 'link.log'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('files come in order of path, and links within folders are passed over', async () => {
  const { files, unreadable } = await findTargets([folder])
  expect(files.map(({ path }) => relative(folder, path))).toEqual([
    'a.log',
    'b/1.log',
    'b/2.log',
    'b/c/3.log',
  ])
  expect(files.map(({ sizeBytes }) => sizeBytes)).toEqual([5, 7, 7, 9])
  expect(unreadable).toEqual([])
})

test('a path that was named is followed, and stays as it was named', async () => {
  const link = join(folder, 'link.log')
  const { files } = await findTargets([link, join(folder, 'b/c')])
  expect(files.map(({ path, named }) => [path, named])).toEqual([
    [link, true],
    [join(folder, 'b/c/3.log'), false],
  ])
})

test('what is not there or is no file is told', async () => {
  const { unreadable } = await findTargets([join(folder, 'none'), '/dev/null'])
  expect(unreadable).toEqual([
    { file: join(folder, 'none'), reason: 'no-such-file' },
    { file: '/dev/null', reason: 'not-a-file' },
  ])
})

test('a folder that may not be read is told and the rest is found', async () => {
  const closed = join(folder, 'b/c')
  chmodSync(closed, 0)
  try {
    const { files, unreadable } = await findTargets([folder])
    // Root reads it all the same.
    if (process.getuid?.() === 0) expect(files).toHaveLength(4)
    else expect([files.length, unreadable]).toEqual([3, [{ file: closed, reason: 'permission-denied' }]])
  } finally {
    chmodSync(closed, 0o700)
  }
})
