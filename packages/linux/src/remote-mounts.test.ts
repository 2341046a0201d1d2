import { closeSync, openSync, readFileSync } from 'node:fs'
import { systemClock } from '@vedette/base'
import { expect, test } from 'vitest'
import { RemoteMounts } from './remote-mounts.ts'

const TEXT = `1 0 8:1 / / rw shared:1 - ext4 /dev/sda1 rw
2 1 0:44 / /home/a\\040b rw - fuse.sshfs host:/ rw
3 1 0:45 / /net/x rw master:1 shared:7 - nfs4 server:/x rw
4 3 0:46 / /net/x/local rw - tmpfs tmpfs rw
5 1 0:47 / /over rw - nfs server:/y rw
6 5 8:2 / /over rw - xfs /dev/sdb rw
`

test('a path is of the deepest mount that holds it, of several there of the last', () => {
  const mounts = new RemoteMounts(systemClock, () => TEXT)
  expect(mounts.ofPath('/etc/passwd')).toBeUndefined()
  expect(mounts.ofPath('/home/a b/x')).toBe('fuse.sshfs')
  expect(mounts.ofPath('/home/a bc')).toBeUndefined()
  expect(mounts.ofPath('/net/x')).toBe('nfs4')
  expect(mounts.mountOf('/home/a b/x/y')).toBe('/home/a b')
  expect(mounts.mountOf('/net/x/local/y')).toBeUndefined()
  expect(mounts.ofPath('/net/x/local/y')).toBeUndefined()
  expect(mounts.ofPath('/over/y')).toBeUndefined()
})

test('a mount that comes is known a second later', () => {
  let now = 0
  let text = ''
  const clock = { now: () => now, monotonic: () => now }
  const mounts = new RemoteMounts(clock, () => text)
  expect(mounts.ofPath('/net/x')).toBeUndefined()
  text = TEXT
  now = 1000
  expect(mounts.ofPath('/net/x')).toBe('nfs4')
})

test('a descriptor is of the mount that it lies in, also where only another process sees that', () => {
  const descriptor = openSync('/proc/version', 'r')
  try {
    const own = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1] ?? ''
    const line = `${own} 1 0:99 / /proc rw - fuse.x x rw\n`
    expect(new RemoteMounts(systemClock).ofDescriptor(descriptor)).toBeUndefined()
    expect(new RemoteMounts(systemClock, () => line).ofDescriptor(descriptor)).toBe('fuse.x')
    const inContainer = new RemoteMounts(systemClock, (pid) => (pid === 7 ? line : TEXT))
    expect(inContainer.ofDescriptor(descriptor)).toBeUndefined()
    expect(inContainer.ofDescriptor(descriptor, 7)).toBe('fuse.x')
  } finally {
    closeSync(descriptor)
  }
})
