import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { callNameOf } from './call-names.ts'
import { watchableCalls } from './kind-calls.ts'

/** Tracepoints have the names of the kernel's functions. */
const tracepointNames: Readonly<Record<string, string>> = {
  umount2: 'umount',
  'call 452': 'fchmodat2',
  'call 463': 'setxattrat',
  'call 466': 'removexattrat',
}

test.each([
  ['x86_64_calls', 'x64'],
  ['generic_calls', 'arm64'],
])('each call of the table %s has a kind that asks for its tracepoint', (table, machine) => {
  const source = readFileSync(new URL('bpf/call-tables.bpf.h', import.meta.url), 'utf8')
  const body = source.split(`${table}[CALLS] = {`)[1]?.split('};')[0] ?? ''
  const names = Array.from(body.matchAll(/\[(\d+)\] =/g), ([, number]) => callNameOf(Number(number), machine))
  expect(names.length).toBeGreaterThan(60)
  expect(
    names.map((name) => tracepointNames[name] ?? name).filter((name) => !watchableCalls.includes(name)),
  ).toEqual([])
})

test('the map of tracepoints has room for all of them', () => {
  const source = readFileSync(new URL('bpf/calls.bpf.h', import.meta.url), 'utf8')
  const room = /PERF_EVENT_ARRAY\);\s*MAP_UINT\(max_entries, (\d+)\)/.exec(source)?.[1]
  expect(watchableCalls.length).toBeLessThanOrEqual(Number(room))
})
