import { expect, test } from 'vitest'
import { judgeRun } from './verdict.ts'

const run = { agent: 'a', run: 'r', batchEvents: 10, batches: 3, open: [] as number[] }
const whole = (sequence: number) => ({
  sequence,
  rows: 10,
  events: 10,
  first: sequence * 10,
  last: sequence * 10 + 9,
})

test('judgeRun() finds nothing wrong with what is whole', () => {
  expect(judgeRun(run, [whole(0), whole(1), whole(2)])).toEqual({ stored: 30, duplicates: 0, lost: 0 })
})

test('judgeRun() counts what was acknowledged and is not there', () => {
  expect(judgeRun(run, [whole(0), whole(2)])).toEqual({ stored: 20, duplicates: 0, lost: 10 })
  expect(judgeRun(run, [whole(0), { ...whole(1), rows: 9, events: 9 }, whole(2)])).toEqual({
    stored: 29,
    duplicates: 0,
    lost: 1,
  })
})

test('judgeRun() does not miss what was never acknowledged, stored or not', () => {
  expect(judgeRun({ ...run, open: [2] }, [whole(0), whole(1)])).toEqual({
    stored: 20,
    duplicates: 0,
    lost: 0,
  })
  expect(judgeRun({ ...run, open: [2] }, [whole(0), whole(1), whole(2)])).toMatchObject({
    stored: 30,
    lost: 0,
  })
})

test('judgeRun() counts what is there twice, and what nobody sent', () => {
  expect(judgeRun(run, [whole(0), { ...whole(1), rows: 13 }, whole(2)])).toMatchObject({
    duplicates: 3,
    lost: 0,
  })
  const foreign = { ...whole(1), first: 25, last: 34 }
  expect(judgeRun(run, [whole(0), foreign, whole(2)])).toEqual({ stored: 20, duplicates: 10, lost: 10 })
})
