import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parsePasswd, Users } from './users.ts'

let folder = ''
let now = 0
const clock = { now: () => 0, monotonic: () => now }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-users-'))
  now = 0
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('Users', () => {
  test('names follow the file, looked at once a second', () => {
    const path = join(folder, 'passwd')
    writeFileSync(path, 'root:x:0:0:root:/root:/bin/sh\n')
    const users = new Users(path, clock)
    users.refresh()
    expect(users.user(0, false)).toEqual({ uid: '0', name: 'root' })
    expect(users.user(1000, false)).toEqual({ uid: '1000' })

    // As useradd does it: a new file in place of the old.
    writeFileSync(`${path}+`, 'root:x:0:0:root:/root:/bin/sh\nbob:x:1000:1000::/home/bob:/bin/sh\n')
    renameSync(`${path}+`, path)
    now = 999
    users.refresh()
    expect(users.user(1000, false)).toEqual({ uid: '1000' })
    now = 1000
    users.refresh()
    expect(users.user(1000, false)).toEqual({ uid: '1000', name: 'bob' })
  })

  test('in a container only root keeps its name', () => {
    const path = join(folder, 'passwd')
    writeFileSync(path, 'root:x:0:0::/:/bin/sh\nbob:x:1000:1000::/:/bin/sh\n')
    const users = new Users(path, clock)
    users.refresh()
    expect(users.user(0, true)).toEqual({ uid: '0', name: 'root' })
    expect(users.user(1000, true)).toEqual({ uid: '1000' })
  })

  test('without the file there are numbers', () => {
    const users = new Users(join(folder, 'none'), clock)
    users.refresh()
    expect(users.user(0, false)).toEqual({ uid: '0' })
  })

  test('the users of one number are one object', () => {
    const users = new Users(join(folder, 'none'), clock)
    expect(users.user(7, false)).toBe(users.user(7, true))
  })
})

test('parsePasswd() passes over what is no line of a user, and the first of a number wins', () => {
  const text =
    '\n#a:x:1:\n:x:2:\nb:x:-3:\nc:x\nd:x:4:4:a:b:c:d:e\ntoor:x:0:0\nroot:x:0:0\n+::::::\ne:x:99999999999:\n'
  expect([...parsePasswd(text)]).toEqual([
    [4, { uid: '4', name: 'd' }],
    [0, { uid: '0', name: 'toor' }],
  ])
})
