import { expect, test } from 'vitest'
import { jsonArrayFormat } from '../json-array/format.ts'
import { ndjsonFormat } from './format.ts'

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

test.each([ndjsonFormat, jsonArrayFormat])(
  '$name: a record that is nested too deep is left out, and the next one read',
  (format) => {
    const reader = format.open({ readAtMs: 0, fileName: 'x.json' })
    const deep = [
      `{"a":${nested(100_000)}}`,
      // The journal's form of a message that is set more than once.
      `{"__REALTIME_TIMESTAMP":"1","MESSAGE":${nested(100_000)}}`,
      `{"Event":{"System":{"EventID":1},"EventData":{"a":${nested(100_000)}}}}`,
    ]
    const bytes = Buffer.from(`${deep.join('\n')}\n{"a":${nested(900)}}\n`)
    const { records, unreadable } = reader.push(bytes)
    expect(unreadable.map(({ reason }) => reason)).toEqual(deep.map(() => 'nested-too-deep'))
    expect(records).toHaveLength(1)
    expect(() => JSON.stringify(records)).not.toThrow()
  },
)
