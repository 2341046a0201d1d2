import { expect, test } from 'vitest'
import { recogniseFormat } from '../record-formats.ts'

const list = [{ a: 1 }, { a: 2 }]

test.each([
  { Records: list },
  { Records: list, owner: 'x' },
  { records: list },
  { value: list },
  {
    '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#auditLogs',
    '@odata.count': 2,
    value: list,
  },
])('the records of %j are those of its list, on one line or on several', (object) => {
  for (const text of [JSON.stringify(object), JSON.stringify(object, null, 2)]) {
    const reader = recogniseFormat(Buffer.from(text), 'x.json').open({ readAtMs: 0, fileName: 'x.json' })
    expect([...reader.push(Buffer.from(text)).records, ...reader.end().records]).toEqual(list)
  }
})

test.each([
  { name: 'a record', value: list },
  { count: 2, records: list },
])('%j is a record itself', (object) => {
  for (const text of [JSON.stringify(object), JSON.stringify(object, null, 2)]) {
    const reader = recogniseFormat(Buffer.from(text), 'x.json').open({ readAtMs: 0, fileName: 'x.json' })
    const { records } = reader.push(Buffer.from(text))
    expect([...records, ...reader.end().records]).toEqual([object])
  }
})
