import type { ProcessEntity, ProcessUid } from '@vedette/model'
import { expect, test } from 'vitest'
import { treeRoot } from './process-tree.ts'

let pid = 100
function entity(name: string, path?: string, at?: number): ProcessEntity {
  pid += 1
  return { uid: `0-${at ?? pid}-0` as ProcessUid, pid: at ?? pid, name, ...(path !== undefined && { path }) }
}

function rootOf(...fromSubjectUp: ProcessEntity[]): string {
  const [subject, ...ancestry] = fromSubjectUp
  if (!subject) throw new Error('no process')
  return treeRoot({ ...subject, ancestry }).name
}

const init = entity('systemd', '/usr/lib/systemd/systemd', 1)

test('a service: its main process', () => {
  expect(rootOf(entity('bash', '/bin/bash'), entity('nginx', '/usr/sbin/nginx'), init)).toBe('nginx')
})

test('a login: the shell that sshd started, not sshd', () => {
  const sshd = entity('sshd', '/usr/sbin/sshd')
  expect(rootOf(entity('curl'), entity('bash', '/bin/bash'), sshd, sshd, init)).toBe('bash')
})

test('a process without ancestors is its own root', () => {
  expect(rootOf(entity('bash'))).toBe('bash')
})

test('a program that calls itself sshd but lies elsewhere does not cut the tree', () => {
  const fake = entity('sshd', '/tmp/sshd')
  expect(rootOf(entity('curl'), fake, entity('nginx', '/usr/sbin/nginx'), init)).toBe('nginx')
})

test('pid 1 and kernel threads are no root, whatever their name', () => {
  expect(rootOf(entity('worker'), entity('kthreadd', undefined, 2))).toBe('worker')
  expect(rootOf(entity('worker'), entity('my-init', '/my-init', 1))).toBe('worker')
})

test('what Vedette starts is no part of Vedette', () => {
  const demo = { ...entity('node'), cmd_line: '/usr/bin/node /opt/vedette/apps/cli/bin/vedette demo' }
  expect(rootOf(entity('sh'), demo, entity('bash', '/bin/bash'), init)).toBe('sh')
  const reader = { ...entity('vim'), cmd_line: 'vim /etc/vedette.yml' }
  expect(rootOf(entity('sh'), reader, entity('bash', '/bin/bash'), init)).toBe('bash')
})
