import { expect, test } from 'vitest'
import { createStyle } from '../../format/style.ts'
import { hostLines } from './host-lines.ts'

type Host = Parameters<typeof hostLines>[0]

const MIB = 1 << 20
const averages = (share: number) => ({ avg10: share, avg60: share, avg300: share })
const host = {
  usage: {
    cpu_percent: 12.4,
    memory_available_bytes: 512 * MIB,
    memory_total_bytes: 1024 * MIB,
    disk_free_bytes: MIB,
    disk_total_bytes: 2 * MIB,
    disk_read_bytes_per_s: 1024,
    disk_write_bytes_per_s: 2048,
    open_files: 1234,
    open_files_limit: 99_999,
    pressure: [
      { resource: 'cpu', some: { avg10: 3.6, avg60: 2, avg300: 1 }, full: null },
      { resource: 'io', some: averages(0), full: averages(0) },
    ],
  },
  own_use: {
    kept_by: 'kernel',
    cpu_percent: 3.21,
    cpu_limit_percent: 100,
    memory_bytes: 120 * MIB,
    memory_limit_bytes: 768 * MIB,
    disk_read_bytes_per_s: 0,
    disk_write_bytes_per_s: 10,
    open_files: 45,
    held_back: null,
  },
  sensor: {
    tier: 'proc-poll',
    description: 'by comparing /proc',
    each: [],
    by_looking: ['exec'],
    unseen: ['bpf', 'mount'],
  },
  given_up: [],
} as unknown as Host

test('a host that is well tells what it uses, its agent’s budget, and what its sensor cannot see', () => {
  expect(hostLines(host, createStyle(false))).toEqual([
    '12 % of its processors in use; free: 512.0 MiB of 1.0 GiB memory, 1.0 MiB of 2.0 MiB disk',
    'disks: 1.0 KiB/s read, 2.0 KiB/s written; 1 234 files open of 99 999',
    'waited for, of the last 10 s/1 min/5 min: cpu 4/2/1 %, io 0/0/0 %',
    'its agent takes 3.2 of 100 % of a processor, 120.0 MiB of 768.0 MiB memory; a control group keeps it to that; disks: 0 B/s read, 10 B/s written; 45 files open',
    'not held back',
    'proc-poll: by comparing /proc',
    'found by looking again: exec',
    'only a better sensor tells: bpf, mount',
    'no kind of record was given up',
  ])
})

test('what holds it back and what was given up is said', () => {
  const held = {
    ...host.own_use,
    held_back: 'Held back: its memory stood at the limit once',
  } as Host['own_use']
  const lines = hostLines(
    { ...host, own_use: held, given_up: [{ kind: 'send', lost: 1200 }] },
    createStyle(false),
  )
  expect(lines).toContain('Held back: its memory stood at the limit once')
  expect(lines.at(-1)).toBe('given up: send 1 200')
})

test('an agent that tells nothing of it leaves nothing but its use', () => {
  expect(hostLines({ ...host, usage: null, own_use: null, sensor: null }, createStyle(false))).toEqual([])
})
