import { describe, expect, test } from 'vitest'
import { keeps, type FaultRow } from './row.ts'
import { runPlanted } from './run-planted.ts'

const SEED = Number(process.env['VEDETTE_TEST_SEED'] ?? 20_261_120)

/** The short form of a row as tests: it holds, and with each planted fault it does not. */
export function testRow(row: FaultRow): void {
  describe(`${row.row}, seed ${SEED}`, () => {
    test('holds', async () => {
      const figures = await row.short(SEED)
      expect(figures.filter((figure) => figure.must !== undefined).length).toBeGreaterThan(0)
      expect(figures.filter((figure) => !keeps(figure))).toEqual([])
    })

    test.each(row.planted.map((fault) => [fault.mistake, fault] as const))(
      'finds: %s',
      async (_name, fault) => {
        const figures = await runPlanted(row.row, fault, SEED)
        const broken = figures.filter((figure) => !keeps(figure)).map(({ name }) => name)
        expect(broken).toContain(fault.breaks)
      },
    )
  })
}
