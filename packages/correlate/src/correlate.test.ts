import { readdirSync, readFileSync } from 'node:fs'
import type { Alert, Detection } from '@vedette/model'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { correlationConfigSchema } from './config.ts'
import { correlate } from './correlate.ts'
import { MemoryLedger } from './testing/memory-ledger.ts'
import { NOON, sampleDetection, type Sketch, tenant } from './testing/sample-detection.ts'

const HOUR = 3_600_000
const WITHOUT_LIMIT = { alerts_per_rule_minute: 10_000 }
const clock = { now: () => NOON, monotonic: () => 0 }

function bring(ledger: MemoryLedger, detections: readonly Detection[], config = {}) {
  return correlate(detections, ledger, { tenant, clock, config: correlationConfigSchema.parse(config) })
}

/** What a ledger says of alerts and incidents, in an order of its own. */
function summary({ alerts, cases }: MemoryLedger) {
  return {
    alerts: [...alerts.values()]
      .map(({ alert: { fingerprint, count, time, lastSeen } }) => ({ fingerprint, count, time, lastSeen }))
      .sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1)),
    inIncidents: [...cases.values()].map(({ incident }) => incident.alertCount).sort((a, b) => a - b),
  }
}

/** How many alerts each rule opened. */
function opensOf(opened: MemoryLedger['opened']): number[] {
  const counts = new Map<string, number>()
  for (const { rule } of opened) counts.set(rule, (counts.get(rule) ?? 0) + 1)
  return [...counts.values()]
}

/** Detections of one run, numbered in order, all of them within one window. */
const detectionsOfARun = fc
  .array(
    fc.record({
      rule: fc.constantFrom('r1', 'r2'),
      entity: fc.constantFrom('e1', 'e2'),
      host: fc.constantFrom('web-1', 'db-1'),
      late: fc.integer({ min: 0, max: HOUR }),
      path: fc.constantFrom(['sh', 'nginx'], ['curl', 'sh', 'nginx'], ['psql', 'postgres'], []),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((sketches) =>
    sketches.map(({ late, ...sketch }, number) => sampleDetection({ ...sketch, number, time: NOON + late })),
  )

describe('correlate()', () => {
  test('every detection is counted once, whatever their order within a call', async () => {
    await fc.assert(
      fc.asyncProperty(
        detectionsOfARun.chain((all) =>
          fc.record({ all: fc.constant(all), shuffled: fc.shuffledSubarray(all, { minLength: all.length }) }),
        ),
        async ({ all, shuffled }) => {
          const [one, other] = [new MemoryLedger(), new MemoryLedger()]
          await bring(one, all)
          await bring(other, shuffled)
          expect(summary(other)).toEqual(summary(one))
          expect(summary(one).alerts.reduce((sum, { count }) => sum + count, 0)).toBe(all.length)
        },
      ),
    )
  })

  test('one call or many, with calls that come again after a crash: the same counts', async () => {
    await fc.assert(
      fc.asyncProperty(
        detectionsOfARun,
        fc.array(fc.record({ size: fc.integer({ min: 1, max: 8 }), back: fc.integer({ min: 0, max: 10 }) }), {
          maxLength: 20,
        }),
        async (all, steps) => {
          const [one, many] = [new MemoryLedger(), new MemoryLedger()]
          await bring(one, all)
          let done = 0
          for (const { size, back } of [
            ...steps,
            { size: all.length, back: 0 },
            { size: all.length, back: 99 },
          ]) {
            const from = Math.max(0, done - back)
            await bring(many, all.slice(from, done + size))
            done = Math.min(all.length, done + size)
          }
          const counts = (ledger: MemoryLedger) => summary(ledger).alerts.map(({ count }) => count)
          expect(counts(many)).toEqual(counts(one))
        },
      ),
    )
  })

  test('under a flood every detection is counted once, also when calls come again in another minute', async () => {
    await fc.assert(
      fc.asyncProperty(
        detectionsOfARun,
        fc.integer({ min: 1, max: 4 }),
        fc.array(
          fc.record({
            size: fc.integer({ min: 1, max: 8 }),
            back: fc.integer({ min: 0, max: 10 }),
            later: fc.boolean(),
          }),
          { maxLength: 20 },
        ),
        async (all, limit, steps) => {
          const ledger = new MemoryLedger()
          let [now, done] = [NOON, 0]
          const whole = { size: all.length, back: 99, later: true }
          for (const { size, back, later } of [...steps, { ...whole, back: 0 }, whole]) {
            if (later) now += 70_000
            const config = correlationConfigSchema.parse({ alerts_per_rule_minute: limit })
            const opened = ledger.opened.length
            const brought = all.slice(Math.max(0, done - back), done + size)
            await correlate(brought, ledger, {
              tenant,
              clock: { now: () => now, monotonic: () => 0 },
              config,
            })
            if (later) expect(Math.max(0, ...opensOf(ledger.opened.slice(opened)))).toBeLessThanOrEqual(limit)
            done = Math.min(all.length, done + size)
          }
          const counts = [...ledger.alerts.values()].map(({ alert }) => alert.count + (alert.suppressed ?? 0))
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(all.length)
        },
      ),
    )
  })

  test('a rule opens as many alerts a minute as it may, one host half of them, and the rest is counted', async () => {
    const ledger = new MemoryLedger()
    const flood = Array.from({ length: 300 }, (_, number) =>
      sampleDetection({ number, entity: `e${number}` }),
    )
    const elsewhere = sampleDetection({ number: 1, host: 'db-1' })
    const { created } = await bring(ledger, flood)
    expect(created).toHaveLength(50)
    expect(created.at(-1)?.suppressed).toBe(250)
    expect((await bring(ledger, [elsewhere])).created).toHaveLength(1)
    const further = sampleDetection({ number: 300, entity: 'e300' })
    expect((await bring(ledger, [further])).created).toEqual([])
    expect(ledger.alerts.get(created.at(-1)?.id ?? ('' as never))?.alert.suppressed).toBe(251)
  })

  test('risk is never above 100 nor below the points of the alert itself', async () => {
    await fc.assert(
      fc.asyncProperty(detectionsOfARun, async (all) => {
        const ledger = new MemoryLedger()
        await bring(ledger, all)
        for (const { alert } of ledger.alerts.values()) {
          expect(alert.risk).toBeGreaterThanOrEqual(30)
          expect(alert.risk).toBeLessThanOrEqual(100)
        }
      }),
    )
  })

  test('what it asks and tells the store does not grow with the detections', async () => {
    const ledger = new MemoryLedger()
    await bring(
      ledger,
      Array.from({ length: 500 }, (_, number) => sampleDetection({ number, entity: `e${number}` })),
      WITHOUT_LIMIT,
    )
    expect(ledger.alerts.size).toBe(500)
    expect(ledger.calls).toBeLessThanOrEqual(13)
  })

  test('a thousand alerts of one attack on a host are at most ten incidents', async () => {
    const ledger = new MemoryLedger()
    for (let call = 0; call < 20; call += 1) {
      await bring(
        ledger,
        Array.from({ length: 50 }, (_, index) => {
          const number = call * 50 + index
          return sampleDetection({ number, entity: `e${number}`, path: [`x${number}`] })
        }),
        WITHOUT_LIMIT,
      )
    }
    expect(ledger.alerts.size).toBe(1000)
    expect(ledger.cases.size).toBeLessThanOrEqual(10)
    expect([...ledger.cases.values()].reduce((sum, { incident }) => sum + incident.alertCount, 0)).toBe(1000)
  })

  test('a branch whose parent ended still belongs to its incident', async () => {
    const ledger = new MemoryLedger()
    const attached = sampleDetection({ number: 1, path: ['x', 'daemon', 'sh', 'nginx'] })
    const [subject, daemon] = [attached.process, attached.process?.ancestry?.[0]]
    const { created } = await bring(ledger, [attached])
    if (subject === undefined || daemon === undefined)
      throw new Error('the sample has a process and a parent')
    const later = sampleDetection({ number: 2, rule: 'r2' })
    const { created: next } = await bring(ledger, [{ ...later, process: { ...subject, ancestry: [daemon] } }])
    expect(next[0]?.incident).toBe(created[0]?.incident)
    expect(ledger.cases.size).toBe(1)
  })

  test('a closed incident takes no more, and one that was quiet too long neither', async () => {
    const ledger = new MemoryLedger()
    const [first] = (await bring(ledger, [sampleDetection({ number: 1 })])).incidents
    const late = { number: 2, rule: 'r2', time: NOON + 25 * HOUR }
    expect((await bring(ledger, [sampleDetection(late)])).incidents[0]?.id).not.toBe(first?.id)
    for (const [id, known] of ledger.cases) {
      ledger.cases.set(id, { ...known, incident: { ...known.incident, status: 'closed' } })
    }
    const after = await bring(ledger, [sampleDetection({ number: 3, rule: 'r3', time: NOON + 25 * HOUR })])
    expect(after.incidents[0]?.alertCount).toBe(1)
    expect(ledger.cases.size).toBe(3)
  })

  test('risk fades', async () => {
    const ledger = new MemoryLedger()
    const config = { risk_half_life_seconds: 3600 }
    await bring(ledger, [sampleDetection({ number: 1, points: 40 })], config)
    const { created } = await bring(
      ledger,
      [sampleDetection({ number: 2, points: 10, rule: 'r2', time: NOON + 2 * HOUR })],
      config,
    )
    expect(created[0]?.risk).toBe(20)
  })
})

/** Attacks as analysts meet them: `input.json` lists detections call by call, `expected.json` what comes of them. */
describe('cases', () => {
  const folder = new URL('../cases/', import.meta.url)
  for (const name of readdirSync(folder)) {
    test(name, async () => {
      const read = (file: string) =>
        JSON.parse(readFileSync(new URL(`${name}/${file}`, folder), 'utf8')) as unknown
      const ledger = new MemoryLedger()
      for (const call of read('input.json') as (Sketch & { minute?: number })[][]) {
        const detections = call.map(({ minute = 0, ...sketch }) =>
          sampleDetection({ ...sketch, time: NOON + minute * 60_000 }),
        )
        await bring(ledger, detections)
      }
      const incidentOf = ({ incident }: Alert) => ledger.cases.get(incident ?? ('' as never))?.incident.title
      expect({
        alerts: [...ledger.alerts.values()].map(({ alert }) => ({
          title: alert.title,
          count: alert.count,
          risk: alert.risk,
          incident: incidentOf(alert) ?? null,
        })),
        incidents: [...ledger.cases.values()].map(({ incident: { title, severity, alertCount } }) => ({
          title,
          severity,
          alertCount,
        })),
      }).toEqual(read('expected.json'))
    })
  }
})
