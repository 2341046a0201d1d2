import type { UsageEvent } from '@vedette/model'
import { expect, test } from 'vitest'
import { usageMessage } from './words.ts'

const MIB = 1 << 20

function words(of: Partial<UsageEvent>): string {
  return usageMessage({
    activity: 'high',
    resource: 'cpu',
    value: 1.5,
    threshold: 0.8,
    baseline: { state: 'known', mean: 0.1, deviation: 0.02, samples: 640 },
    duration_ms: 61_000,
    ...of,
  } as UsageEvent)
}

const process = { name: 'worker\u001b[2J', pid: 4711 } as UsageEvent['process']

test('who, how much, for how long, what is usual and of how many samples', () => {
  expect(words({ cgroup: '/system.slice/web.service' })).toBe(
    'cgroup /system.slice/web.service uses 1.50 cores for 61 s; usually 0.10 cores (± 0.02 cores, of 640 samples)',
  )
})

test('a name cannot give orders to a terminal', () => {
  const text = words(process === undefined ? {} : { process })
  expect(text).toContain('(4711) uses 1.50 cores')
  expect(text).not.toContain('\u001b')
})

test('of what it may, where there is a limit, and that it is still learning', () => {
  const learning = { state: 'learning', mean: 0, deviation: 0, samples: 2 } as const
  expect(
    words({ resource: 'memory', value: 900 * MIB, limit: 1000 * MIB, percent: 90, baseline: learning }),
  ).toBe('the host uses 900.0 MiB for 61 s, 90 % of what it may; what is usual is not known yet')
})

test('back to normal, and waiting for something', () => {
  expect(words({ activity: 'normal', resource: 'descriptors', value: 12 })).toBe(
    'the host is back at 12 descriptors after 61 s',
  )
  expect(words({ resource: 'pressure', pressure_of: 'io', value: 70 })).toContain(
    'the time that programs wait for io in the host is at 70.0 % for 61 s; usually 0.1 %',
  )
})
