import { describe, expect, test } from 'vitest'
import { keeps, type FaultRow } from './row.ts'

export const SEED = Number(process.env['VEDETTE_TEST_SEED'] ?? 20_261_120)

/** The short form of a row as a test. That it finds mistakes is shown by test/long/planted-faults.test.ts. */
export function testRow(row: FaultRow): void {
  describe(`${row.row}, seed ${SEED}`, () => {
    test('holds', async () => {
      const figures = await row.short(SEED)
      expect(figures.filter((figure) => figure.must !== undefined).length).toBeGreaterThan(0)
      expect(figures.filter((figure) => !keeps(figure))).toEqual([])
    })
  })
}
