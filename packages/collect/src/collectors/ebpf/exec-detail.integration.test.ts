import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { needsRoot } from '@vedette/base/testing/needs-root'
import type { ExecRecord } from '@vedette/model'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { act } from './actor.ts'
import { Recorder, temporaryFolder } from './recorder.ts'

needsRoot()

let recorder: Recorder

beforeAll(async () => {
  recorder = await Recorder.start({ network: false })
})

afterAll(async () => {
  await recorder[Symbol.asyncDispose]()
  const { emitted, delivered, lost } = recorder.collector.counters()
  expect({ delivered, lost }).toEqual({ delivered: emitted, lost: 0 })
})

function execOf(pid: number | undefined): Promise<ExecRecord> {
  return recorder.find('exec', ({ process }) => process.pid === pid)
}

test('names of the environment are told, and values of those alone that change what is loaded', async () => {
  const env = {
    A: '',
    SECRET_TOKEN: 'do-not-tell',
    LD_PRELOAD: '/tmp/evil.so',
    LD_LIBRARY_PATH: '/tmp/lib:/usr/lib',
    LD_PRELOADED: 'do-not-tell',
    HISTFILE: '/dev/null',
    A_NAME_THAT_IS_LONGER_THAN_OTHERS: 'do-not-tell',
    '': '',
  }
  const record = await execOf(spawnSync('/bin/true', { env }).pid)
  expect(record.environment).toEqual(
    [
      { name: 'A' },
      { name: 'SECRET_TOKEN' },
      { name: 'LD_PRELOAD', value: '/tmp/evil.so' },
      { name: 'LD_LIBRARY_PATH', value: '/tmp/lib:/usr/lib' },
      { name: 'LD_PRELOADED' },
      { name: 'HISTFILE', value: '/dev/null' },
      { name: 'A_NAME_THAT_IS_LONGER_THAN_OTHER' },
    ].map((variable) => ({ ...variable, name: variable.name.slice(0, 31) })),
  )
  expect(JSON.stringify(record)).not.toContain('do-not-tell')
  expect(record.environmentTruncated).toBeUndefined()
})

test('of a large environment the first part is told, and that it is one', async () => {
  const env = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`V${index}`, 'x'.repeat(30)]))
  const record = await execOf(spawnSync('/bin/true', { env }).pid)
  expect(record.environmentTruncated).toBe(true)
  expect(record.environment?.length).toBeGreaterThan(50)
  expect(record.environment?.[50]).toEqual({ name: 'V50' })
  expect((await execOf(spawnSync('/bin/true', { env: {} }).pid)).environment ?? []).toEqual([])
})

test('the script that was started is told beside its interpreter; a program has none', async () => {
  using folder = temporaryFolder()
  const script = folder.file('script')
  writeFileSync(script, '#!/bin/sh\nexit 0\n')
  chmodSync(script, 0o755)
  const { pid } = spawnSync(`./${basename(script)}`, { cwd: folder.path })
  expect(await execOf(pid)).toMatchObject({ script: './script', argv: ['/bin/sh', './script'] })
  expect((await execOf(spawnSync('/bin/true').pid)).script).toBeUndefined()
})

test('the terminal is told where there is one', async () => {
  spawnSync('/usr/bin/script', ['-qc', '/bin/echo on-a-terminal', '/dev/null'], { stdio: 'ignore' })
  const record = await recorder.find('exec', ({ argv }) => argv[1] === 'on-a-terminal')
  expect(record.tty).toMatch(/^pts\/\d+$/)
})

test('capabilities are told where they are not what the user is given', async () => {
  const some = spawnSync('/usr/sbin/capsh', ['--drop=cap_sys_admin', '--', '-c', '/bin/echo fewer'])
  expect(some.status).toBe(0)
  const fewer = await recorder.find('exec', ({ argv }) => argv[1] === 'fewer')
  expect(fewer.capabilities?.effective).toContain('CAP_NET_RAW')
  expect(fewer.capabilities?.effective).not.toContain('CAP_SYS_ADMIN')
  expect((await execOf(spawnSync('/bin/true').pid)).capabilities).toBeUndefined()
  const none = spawnSync('/bin/true', { uid: 65_534, gid: 65_534 })
  expect((await execOf(none.pid)).capabilities).toBeUndefined()
})

test('namespaces that are not those of process 1 are told', async () => {
  const { said } = act<string>(`
    spawnSync('/bin/echo', ['at-home'])
    c('unshare', 'int', ['int'], 0x4000000 | 0x40000000)
    say(readlinkSync('/proc/self/ns/net'))
    spawnSync('/bin/echo', ['elsewhere'])`)
  const record = await recorder.find('exec', ({ argv }) => argv[1] === 'elsewhere')
  const home = await recorder.find('exec', ({ argv }) => argv[1] === 'at-home')
  expect(Object.keys(record.namespaces ?? {}).toSorted()).toEqual(
    [...new Set(['net', 'uts', ...Object.keys(home.namespaces ?? {})])].toSorted(),
  )
  expect(record.namespaces?.['net']).toBe(Number(/\d+/.exec(said)?.[0]))
})

test('an exit tells how long the process was there', async () => {
  const { pid } = spawnSync('/bin/sleep', ['0.2'])
  const exit = await recorder.find('exit', ({ process }) => process.pid === pid)
  expect(exit.durationMs).toBeGreaterThanOrEqual(200)
  const exec = await execOf(pid)
  expect(exit.durationMs).toBeGreaterThan(exit.timeMs - exec.timeMs - 0.001)
})
