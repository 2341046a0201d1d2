import { describe, expect, test } from 'vitest'
import { keeps } from '../faults/row.ts'
import { rows } from '../faults/rows.ts'
import { runPlanted } from '../faults/run-planted.ts'
import { SEED } from '../faults/test-row.ts'

const all = await Promise.all([...rows.values()].map((load) => load()))

/** Each row of test/faults, run against Vedette with a mistake in it: a row that finds none of them could never fail. */
describe.each(all.map((row) => [row.row, row] as const))(`%s, seed ${SEED}`, (_name, row) => {
  test.each(row.planted.map((fault) => [fault.mistake, fault] as const))(
    'finds: %s',
    async (_mistake, fault) => {
      const figures = await runPlanted(row.row, fault, SEED)
      const broken = figures.filter((figure) => !keeps(figure)).map(({ name }) => name)
      expect(broken).toContain(fault.breaks)
    },
  )
})
