import { expect, test } from 'vitest'
import { leefFormat } from '../leef/format.ts'
import { cefFormat } from './format.ts'

const options = { readAtMs: 0, fileName: 'x.log' }

test('names that every object has are names of a device like others', () => {
  const line = 'CEF:0|a|b|c|d|e|f|constructor=1 constructorLabel=made valueOfLabel=none __proto__=2\n'
  const [record] = cefFormat.open(options).push(Buffer.from(line)).records
  expect(record).toMatchObject({ constructor: '1', made: '1', valueOfLabel: 'none', _proto_: '2' })
  expect(Object.values(record ?? {}).every((value) => typeof value === 'string')).toBe(true)
  const [other] = leefFormat
    .open(options)
    .push(Buffer.from('LEEF:1.0|a|b|c|d|toString=1\tvalueOf=2\n')).records
  expect(other).toMatchObject({ toString: '1', valueOf: '2' })
})

test.each([
  [cefFormat, 'CEF:0|a|b|c|d|e|f|', ' '],
  [leefFormat, 'LEEF:1.0|a|b|c|d|', '\t'],
] as const)(
  '$0.name: more fields than are read are told, and the record is there',
  (format, header, separator) => {
    const line = header + Array.from({ length: 600 }, (_, n) => `k${n}=v`).join(separator)
    const { records, unreadable } = format.open(options).push(Buffer.from(`${line}\n`))
    expect(records).toMatchObject([{ k0: 'v', k500: 'v' }])
    expect(unreadable).toEqual([{ offset: 0, reason: 'too-many-fields' }])
  },
)
