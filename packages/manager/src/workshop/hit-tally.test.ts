import type { RuleInfo } from '@vedette/model'
import { expect, test } from 'vitest'
import { HitTally } from './hit-tally.ts'

const rule = (id: string) => ({ id, title: id }) as RuleInfo
const day = Date.UTC(2026, 10, 20)
const firing = (time: number | undefined, host: string, program: string) => ({
  time,
  host,
  program,
  title: 't',
  place: 'p',
})

test('hits are counted by rule, day, host and program, the most first', () => {
  const tally = new HitTally()
  tally.add(rule('a'), firing(day, 'h1', '/bin/x'))
  for (const hour of [1, 2, 30]) tally.add(rule('b'), firing(day + hour * 3_600_000, 'h1', '/bin/y'))
  tally.add(rule('b'), firing(undefined, 'h2', ''))
  expect(tally.get()).toMatchObject([
    {
      rule: { id: 'b' },
      hits: 4,
      first: day + 3_600_000,
      last: day + 30 * 3_600_000,
      days: [
        { day: '2026-11-20', hits: 2 },
        { day: '2026-11-21', hits: 1 },
      ],
      hosts: [
        { name: 'h1', hits: 3 },
        { name: 'h2', hits: 1 },
      ],
      programs: [{ name: '/bin/y', hits: 3 }],
    },
    { rule: { id: 'a' }, hits: 1 },
  ])
})

test('examples are of different programs and hosts, and names are bounded', () => {
  const tally = new HitTally()
  for (let i = 0; i < 3000; i += 1) tally.add(rule('a'), firing(day, 'h', `/bin/${i % 1500}`))
  const [hits] = tally.get()
  expect(hits?.examples.map(({ program }) => program)).toEqual([
    '/bin/0',
    '/bin/1',
    '/bin/2',
    '/bin/3',
    '/bin/4',
  ])
  expect(hits?.programs[0]).toEqual({ name: '(others)', hits: 1000 })
})
