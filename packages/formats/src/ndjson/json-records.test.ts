import { expect, test } from 'vitest'
import { ndjsonFormat } from './format.ts'

function sourceOf(record: object): object | undefined {
  const reader = ndjsonFormat.open({ readAtMs: 0, fileName: 'x.json' })
  return reader.push(Buffer.from(`${JSON.stringify(record)}\n`)).sources[0]
}

const windows = { EventID: 1, Channel: 'Microsoft-Windows-Sysmon/Operational' }

test.each([
  [{ ...windows }, { product: 'windows' }],
  // What a tool calls its product does not hide what the record is.
  [{ ...windows, product: 'Sysmon' }, { product: 'windows' }],
  [{ Event: { System: windows }, product: 'Microsoft Windows' }, { product: 'windows' }],
  [
    { event_type: 'dns', timestamp: 't', flow_id: 1, product: 'IDS' },
    { product: 'suricata', category: 'dns', service: 'dns' },
  ],
  // In Sigma's words it is what the record says of itself.
  [
    { ...windows, product: 'windows', category: 'process_creation' },
    { product: 'windows', category: 'process_creation' },
  ],
  [{ ...windows, product: 'cisco' }, { product: 'cisco' }],
  [
    { product: 'our-product', service: 'x' },
    { product: 'our-product', service: 'x' },
  ],
])('%j comes from %j', (record, source) => {
  expect(sourceOf(record)).toEqual(source)
})
