import { expect, test } from 'vitest'
import { ndjsonFormat } from './format.ts'

test('attributes that thousands of records share do not make gigabytes out of one line', () => {
  const attributes = Array.from({ length: 10_000 }, (_, n) => ({ key: `a${n}`, value: { intValue: n } }))
  const line = (count: number): string =>
    JSON.stringify({
      resourceLogs: [
        { resource: { attributes }, scopeLogs: [{ logRecords: Array.from({ length: count }, () => ({})) }] },
      ],
    })
  const reader = ndjsonFormat.open({ readAtMs: 0, fileName: 'x.json' })
  const { records, unreadable } = reader.push(Buffer.from(`${line(100_000)}\n${line(2)}\n`))
  expect(unreadable).toEqual([{ offset: 0, reason: 'too-costly' }])
  expect(records.map((record) => Object.keys(record).length)).toEqual([10_000, 10_000])
})
