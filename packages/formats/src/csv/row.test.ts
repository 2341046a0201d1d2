import fc from 'fast-check'
import { expect, test } from 'vitest'
import { valuesOf } from './row.ts'

test('values come back as they were written', () => {
  const value = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', ' ', 'ü') })
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), fc.constantFrom(',', ';', '\t'), (values, separator) => {
      const quoted = values.map((one) => `"${one.replaceAll('"', '""')}"`)
      expect(valuesOf(quoted.join(separator), separator)).toEqual(values)
      const some = values.map((one, i) => (/["\n]/.test(one) || one.includes(separator) ? quoted[i] : one))
      expect(valuesOf(some.join(separator), separator)).toEqual(values)
    }),
  )
})

test.each([
  ['', ['']],
  ['a,', ['a', '']],
  ['"",""', ['', '']],
  ['5" disk,b', ['5" disk', 'b']],
  ['"say "hi" twice",b', ['say "hi" twice', 'b']],
  ['"never closed,b', ['"never closed', 'b']],
  ['"x"y,"",z', ['"x"y', '""', 'z']],
])('%j', (row, values) => {
  expect(valuesOf(row, ',')).toEqual(values)
})
