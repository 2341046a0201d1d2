import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import { createEngine, type Engine, loadRules } from '@vedette/detect'
import type { AgentId, Event, EventId, LogEvent, TenantId } from '@vedette/model'
import { type EventStore, KeptFile, openEventStore } from '@vedette/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DetectionMemory } from './detection-memory.ts'

const RULE = `
title: A word was said
name: word
id: 5b0c4dc0-6f7c-4c39-9f5c-0d9a1ad3f9a1
logsource: { product: vedette, category: log }
detection: { said: { message|contains: word }, condition: said }
level: low
---
title: A word was said three times
id: 5b0c4dc0-6f7c-4c39-9f5c-0d9a1ad3f9a2
correlation: { type: event_count, rules: [word], group-by: [device.uid], timespan: 1h, condition: { gte: 3 }, generate: true }
level: high
---
title: A number was said three times
id: 5b0c4dc0-6f7c-4c39-9f5c-0d9a1ad3f9a3
type: threshold
logsource: { product: vedette, category: log }
detection: { said: { message|contains: number }, condition: said }
threshold: { count: 3, group_by: [device.uid], window: 1h }
level: high
`

const AGENT = 'a0000000-0000-4000-8000-00000000000a' as AgentId
const folder = mkdtempSync(join(tmpdir(), 'vedette-detection-memory-'))
let store: EventStore

beforeAll(async () => {
  mkdirSync(join(folder, 'rules'))
  writeFileSync(join(folder, 'rules', 'word.yml'), RULE)
  store = await openEventStore({ folder: join(folder, 'events'), log: silentLogger, clock: systemClock })
})
afterAll(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const WORD = 'A word was said'
const THREE_TIMES = 'A word was said three times'
let tests = 0

/** A tenant with events of its own, and starts of a server for it one after the other. */
function house() {
  tests += 1
  const tenant = `00000000-0000-4000-8000-${String(tests).padStart(12, '0')}` as TenantId
  const run = `b${String(tests).padStart(15, '0')}`
  const file = join(folder, `${tests}.json`)
  let sequence = 0
  return {
    file,
    /** An event as an agent would send it, stored as the intake does; or forgotten by the store. */
    async said(message: string, { forgotten = false } = {}): Promise<readonly Event[]> {
      const now = systemClock.now()
      const event: LogEvent = {
        id: `${AGENT}:${run}:${sequence}:0` as EventId,
        kind: 'log',
        class_uid: 0,
        time: now,
        device: { uid: AGENT, hostname: 'web-1' },
        severity_id: 1,
        metadata: { version: '1.8.0', log_provider: 'file', logged_time: now },
        message,
        path: '/var/log/word',
      }
      if (!forgotten) {
        await store.append([{ tenant, agent: AGENT, batch: { run, sequence, events: [event] } }])
      }
      sequence += 1
      return [event]
    },
    async start(): Promise<{ engine: Engine; memory: DetectionMemory }> {
      const { rules, correlations, problems } = await loadRules([join(folder, 'rules')])
      expect(problems).toEqual([])
      const engine = createEngine(rules, { clock: systemClock, log: silentLogger, correlations })
      const memory = new DetectionMemory({
        engine,
        file: new KeptFile(file),
        events: store.of(tenant),
        clock: systemClock,
        log: silentLogger,
      })
      await memory.ready()
      return { engine, memory }
    },
  }
}

const titles = (engine: Engine, events: readonly Event[]) =>
  engine.evaluate(events).map(({ rule }) => rule.title)

test('what was counted before a stop is counted on after it', async () => {
  const one = house()
  const first = await one.start()
  for (let i = 0; i < 2; i += 1) {
    expect(titles(first.engine, await one.said('the word', { forgotten: true }))).toEqual([WORD])
  }
  await first.memory[Symbol.asyncDispose]()

  const second = await one.start()
  expect(titles(second.engine, await one.said('the word'))).toEqual([WORD, THREE_TIMES])
  await second.memory[Symbol.asyncDispose]()
})

test('threshold rules count on as well', async () => {
  const one = house()
  const first = await one.start()
  for (let i = 0; i < 2; i += 1) {
    expect(titles(first.engine, await one.said('the number', { forgotten: true }))).toEqual([])
  }
  await first.memory[Symbol.asyncDispose]()

  const second = await one.start()
  expect(titles(second.engine, await one.said('the number'))).toEqual(['A number was said three times'])
  await second.memory[Symbol.asyncDispose]()
})

test('what came after the last saving is judged once more, and nothing is counted twice', async () => {
  const one = house()
  const first = await one.start()
  expect(titles(first.engine, await one.said('the word'))).toEqual([WORD])
  await first.memory[Symbol.asyncDispose]()

  // Judged and stored, and then no time was left to save it.
  const killed = await one.start()
  expect(titles(killed.engine, await one.said('the word'))).toEqual([WORD])

  const second = await one.start()
  const third = await one.said('the word')
  expect(titles(second.engine, third)).toEqual([WORD, THREE_TIMES])
  expect(titles(second.engine, await one.said('nothing'))).toEqual([])
})

test('a damaged file costs nothing but the counts', async () => {
  const one = house()
  writeFileSync(one.file, '1\n{"version":')
  const { engine, memory } = await one.start()
  expect(titles(engine, await one.said('the word'))).toEqual([WORD])
  await memory[Symbol.asyncDispose]()
})
