import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { expect, test } from 'vitest'
import { ebpf } from './index.ts'

needsRoot()

const script = `
  const { ebpf } = await import(${JSON.stringify(new URL('index.ts', import.meta.url).href)})
  console.log(JSON.stringify(await ebpf.probe(ebpf.schema.parse({}))))`

/** What the probe says in a process of its own that is started through `wrapper`. */
function probeUnder(wrapper: string, ...args: string[]): unknown {
  const command = [...args, process.execPath, '--input-type=module', '-e', script]
  return JSON.parse(
    execFileSync(wrapper, command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
  )
}

const without = (code: string, words: string) => ({
  usable: false,
  reason: { code, message: expect.stringContaining(words) as string },
})

/** The same, in a mount namespace in which a path shows something else. */
function probeWithInPlace(source: string, path: string): unknown {
  const bind =
    'my ($source, $path, @command) = @ARGV; system("mount", "--bind", $source, $path) == 0 or die; exec @command'
  return probeUnder('/usr/bin/unshare', '--mount', '/usr/bin/perl', '-e', bind, source, path)
}

test('is usable here, and says what it will not see', async () => {
  const probe = await ebpf.probe(ebpf.schema.parse({}))
  expect(probe.usable).toBe(true)
  expect(probe.usable && probe.blindSpots.map(({ code }) => code)).toEqual([
    'io-uring',
    'open-descriptors',
    'containers',
    process.arch === 'x64' ? '32-bit-calls' : '32-bit-programs',
    'datagrams',
  ])
})

test('two capabilities are enough', () => {
  expect(
    probeUnder('/usr/bin/setpriv', '--bounding-set=-all,+bpf,+perfmon', '--inh-caps=-all'),
  ).toMatchObject({
    usable: true,
  })
})

test('says which capabilities are missing', () => {
  expect(probeUnder('/usr/bin/setpriv', '--bounding-set=-all,+bpf', '--inh-caps=-all')).toEqual(
    without('not-root', 'without CAP_PERFMON:'),
  )
  expect(probeUnder('/usr/bin/setpriv', '--bounding-set=-all', '--inh-caps=-all')).toEqual(
    without('not-root', 'without CAP_BPF and CAP_PERFMON:'),
  )
})

test('says that the kernel does not describe its types', () => {
  expect(probeWithInPlace('/mnt', '/sys/kernel/btf')).toEqual(without('no-btf', 'CONFIG_DEBUG_INFO_BTF'))
})

test('says that there is no libbpf, and which package it is in', () => {
  const library = ['x86_64-linux-gnu/', 'aarch64-linux-gnu/', '']
    .map((machine) => `/usr/lib/${machine}libbpf.so.1`)
    .find((path) => existsSync(path))
  expect(probeWithInPlace('/dev/null', library ?? '')).toEqual(without('no-libbpf', 'libbpf1'))
})
