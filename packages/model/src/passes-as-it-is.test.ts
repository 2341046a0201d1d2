import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Event, eventSchema } from './event/index.ts'
import { passesAsItIs } from './passes-as-it-is.ts'

/** What the sensor told of real acts: the cases of the rules. */
const content = fileURLToPath(new URL('../../../content/rules/linux/', import.meta.url))
const events = globSync('*/*/cases/hit-*.json', { cwd: content })
  .sort()
  .flatMap((file) => JSON.parse(readFileSync(`${content}${file}`, 'utf8')) as Event[])
  .filter((event) => eventSchema.safeParse(event).success)
const isEvent = passesAsItIs(eventSchema)

/** Every place in a value, as the way to it. */
function placesIn(value: unknown, way: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [way]
  return [way, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...way, key]))]
}

function changed(
  value: unknown,
  way: readonly (string | number)[],
  change: (inner: unknown) => unknown,
): unknown {
  const [key, ...rest] = way
  if (key === undefined) return change(value)
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value)
    ? [...value]
    : { ...(value as object) }
  const inner = changed((copy as Record<string, unknown>)[key], rest, change)
  if (inner === undefined) delete (copy as Record<string, unknown>)[key]
  else (copy as Record<string, unknown>)[key] = inner
  return copy
}

const odd = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 'x'.repeat(70_000), -1, 0.5, 2 ** 60, 1e308, true, [], {}),
  fc.jsonValue(),
)

describe('passesAsItIs()', () => {
  test('takes events as agents send them, all of them', () => {
    expect(events.length).toBeGreaterThan(10)
    for (const event of events) expect([event.id, isEvent(event)]).toEqual([event.id, true])
  })

  test('never takes what the schema refuses or would change', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), odd, fc.string(), (which, where, value, name) => {
        const event = events[which % events.length]
        const places = placesIn(event)
        const way = places[where % places.length] ?? []
        for (const other of [
          changed(event, way, () => value),
          changed(event, way, (inner) =>
            typeof inner === 'object' && inner !== null && !Array.isArray(inner)
              ? JSON.parse(JSON.stringify({ ...inner, [name]: value ?? null }))
              : value,
          ),
        ]) {
          if (!isEvent(other)) continue
          const parsed = eventSchema.safeParse(other)
          expect(parsed.success).toBe(true)
          expect(parsed.data).toEqual(other)
        }
      }),
      { numRuns: 5000 },
    )
  })

  test.each<[string, z.ZodType, unknown, boolean]>([
    ['a key that is not known', z.object({ a: z.int() }), { a: 1, b: 1 }, false],
    ['__proto__', z.object({ a: z.int() }), JSON.parse('{"a":1,"__proto__":{}}'), false],
    ['a key that is missing', z.object({ a: z.int() }), {}, false],
    ['one that may be missing', z.object({ a: z.int().optional() }), {}, true],
    ['a default that would be filled in', z.object({ a: z.int().default(1) }), {}, false],
    ['a transformation', z.string().transform(Number), '1', false],
    ['a trim', z.string().trim(), 'a', false],
    ['a coercion', z.coerce.number(), 1, false],
    ['a refinement that holds', z.string().refine((text) => text === 'a'), 'a', true],
    ['a refinement that does not', z.string().refine((text) => text === 'a'), 'b', false],
    ['a bound', z.int().min(0).max(10), 10, true],
    ['one that is broken', z.int().min(0).max(10), 11, false],
    ['no whole number', z.int(), 1.5, false],
    ['an array that is too long', z.array(z.int()).max(1), [1, 2], false],
    ['a record', z.record(z.string().max(1), z.number()), { a: 1 }, true],
    ['a record with a wrong value', z.record(z.string(), z.number()), { a: 'b' }, false],
    ['a pattern', z.string().regex(/^a+$/), 'aa', true],
    ['another text', z.string().regex(/^a+$/), 'b', false],
    ['a form that is left to the schema', z.url(), 'http://host', false],
  ])('%s', (_name, schema, value, expected) => {
    expect(passesAsItIs(schema)(value)).toBe(expected)
  })
})
