import { eventSchema } from '@vedette/model'
import { expect, test } from 'vitest'
import { generatedEvents } from './generated-events.ts'

const batch = {
  agent: '0123456789abcdef',
  hostname: 'load-"test',
  run: 'fedcba9876543210',
  from: 95,
  count: 40,
  timeMs: 1e12,
}

test('generatedEvents() writes events that the schema takes as they are, each with its number', () => {
  const events: unknown[] = JSON.parse(generatedEvents(batch))
  expect(events).toHaveLength(40)
  for (const [n, event] of events.entries()) {
    expect(eventSchema.parse(event)).toEqual(event)
    expect(event).toMatchObject({
      id: `0123456789abcdef-fedcba9876543210-${95 + n}`,
      device: { uid: '0123456789abcdef', hostname: 'load-"test' },
      metadata: { log_provider: 'load-test' },
    })
  }
})

test('generatedEvents() has starts and ends of programs, and connections', () => {
  const events = JSON.parse(generatedEvents(batch)) as { kind: string; activity: string }[]
  const kinds = new Set(events.map(({ kind, activity }) => `${kind} ${activity}`))
  expect(kinds).toEqual(new Set(['process launch', 'process terminate', 'network open', 'network close']))
})

test('generatedEvents() refuses more than a batch holds', () => {
  expect(() => generatedEvents({ ...batch, count: 5001 })).toThrow(RangeError)
})
