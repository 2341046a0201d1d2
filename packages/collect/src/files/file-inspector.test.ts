import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@vedette/base'
import { RemoteMounts } from '@vedette/linux'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AccountNames } from './account-names.ts'
import { FileInspector } from './file-inspector.ts'

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'vedette-inspect-')))
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (name: string) => join(folder, name)
const inspector = (maxFileBytes = 1 << 20, mounts = new RemoteMounts(systemClock)) =>
  new FileInspector({ maxFileBytes, mounts, names: new AccountNames() })

test('a file that is as it was is not read again; one that was replaced is, be its times the same', () => {
  writeFileSync(at('a'), 'one')
  const subject = inspector()
  const first = subject.inspect(at('a'))
  if (first.outcome !== 'there') throw new Error(first.outcome)
  expect(first.facts).toMatchObject({ size: 3, sha256: createHash('sha256').update('one').digest('hex') })
  expect(subject.readBytes).toBe(3)
  expect(subject.inspect(at('a'), first.state)).toEqual({ outcome: 'same' })
  expect(subject.readBytes).toBe(3)
  writeFileSync(at('b'), 'two')
  execFileSync('/usr/bin/touch', ['-r', at('a'), at('b')])
  renameSync(at('b'), at('a'))
  expect(subject.inspect(at('a'), first.state)).toMatchObject({
    outcome: 'there',
    facts: { sha256: createHash('sha256').update('two').digest('hex') },
  })
})

test('a link is not followed, and a pipe not opened', () => {
  writeFileSync(at('secret'), 'secret')
  symlinkSync(at('secret'), at('link'))
  execFileSync('/usr/bin/mkfifo', [at('pipe')])
  const subject = inspector()
  expect(subject.inspect(at('link'))).toMatchObject({ facts: { type: 'link', link_target: at('secret') } })
  expect(subject.inspect(at('link'))).not.toHaveProperty('facts.sha256')
  expect(subject.inspect(at('pipe'))).toMatchObject({ facts: { type: 'pipe' } })
  expect(subject.digest(at('link'), 'md5')).toBeUndefined()
  expect(subject.readBytes).toBe(0)
})

test('a file over the limit is known by its size, and what is not there is gone', () => {
  writeFileSync(at('large'), Buffer.alloc(101))
  const found = inspector(100).inspect(at('large'))
  expect(found).toMatchObject({ outcome: 'there', facts: { size: 101, unread: 'too_large' } })
  expect(found).not.toHaveProperty('facts.sha256')
  expect(inspector().inspect(at('nothing'))).toEqual({ outcome: 'gone' })
  expect(inspector().inspect(join(at('large'), 'below'))).toEqual({ outcome: 'gone' })
})

test('nothing is asked of a file system of another machine', () => {
  writeFileSync(at('a'), 'one')
  // Every mount of this process, as if it were NFS.
  const mounts = new RemoteMounts(systemClock, () =>
    execFileSync('/usr/bin/cat', ['/proc/self/mountinfo'], { encoding: 'utf8' }).replaceAll(
      / - \S+ /g,
      ' - nfs4 ',
    ),
  )
  const subject = inspector(100, mounts)
  expect(subject.inspect(at('a'))).toEqual({ outcome: 'remote', type: 'nfs4' })
  expect(subject.digest(at('a'), 'md5')).toBeUndefined()
})
