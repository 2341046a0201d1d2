import { expect, test } from 'vitest'
import { containerOf } from './container.ts'

const id = '0123456789abcdef'.repeat(4)
const other = 'f'.repeat(64)

test.each([
  [`/system.slice/docker-${id}.scope`, 'docker'],
  [`/docker/${id}`, 'docker'],
  [`/docker/${other}/docker/${id}`, 'docker'],
  [`/docker/${other}/system.slice/docker-${id}.scope/init`, 'docker'],
  [`/kubepods.slice/kubepods-pod1.slice/cri-containerd-${id}.scope`, 'containerd'],
  [`/kubepods.slice/kubepods-pod1.slice/crio-${id}.scope`, 'crio'],
  [`/kubepods/burstable/pod12/${id}`, 'kubepods'],
  [`/machine.slice/libpod-${id}.scope/container`, 'podman'],
  [`/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope`, 'podman'],
  [`/libpod_parent/${id}`, 'podman'],
  [`/system.slice/nerdctl-${id}.scope`, 'containerd'],
])('%s is a container of %s', (path, runtime) => {
  expect(containerOf(path)).toEqual({ uid: id, runtime })
})

test('a container of an unknown runtime has its id', () => {
  expect(containerOf(`/default/${id}`)).toEqual({ uid: id })
})

test('LXC and nspawn name their containers', () => {
  expect(containerOf('/lxc.payload.web/init.scope')).toEqual({ uid: 'web', runtime: 'lxc' })
  expect(containerOf('/lxc/web01/system.slice')).toEqual({ uid: 'web01', runtime: 'lxc' })
  expect(containerOf('/machine.slice/machine-deb12.scope/payload')).toEqual({
    uid: 'deb12',
    runtime: 'systemd-nspawn',
  })
})

test.each([
  '/',
  '',
  '/system.slice/docker.service',
  `/machine.slice/libpod-conmon-${id}.scope`,
  `/crio-conmon-${id}.scope`,
  '/user.slice/user-0.slice/session-1.scope',
  `/docker/${id.slice(1)}`,
  '/'.repeat(10_000),
])('%.60s is the host', (path) => {
  expect(containerOf(path)).toBeUndefined()
})
