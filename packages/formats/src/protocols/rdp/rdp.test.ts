import { expect, test } from 'vitest'
import { fromHex, tcp, text, told } from '../testing/converse.ts'
import { officeSamples } from '../testing/office-samples.ts'
import { joined } from '../testing/wire.ts'
import { rdpParser } from './index.ts'

const said = officeSamples.find(({ name }) => name === 'rdp')?.said ?? []

test('without TLS the client tells of itself', () => {
  expect(told(rdpParser, said)).toEqual([
    {
      rdp: {
        cookie: 'admin',
        requested_protocols: [],
        selected_protocol: 'rdp',
        client_name: 'ATTACKER',
        client_version: 'RDP 5.0',
        client_build: 2600,
        keyboard_layout: '00000409',
        desktop: { width: 1280, height: 800 },
        channels: ['rdpdr', 'cliprdr'],
      },
    },
  ])
})

const request = joined(fromHex('030000130ee000000000000100080003000000'))

test.each<[string, string, object, string]>([
  ['NLA', '030000130ed000000000000200080002000000', { selected_protocol: 'hybrid' }, 'other'],
  [
    'a refusal',
    '030000130ed000000000000300080005000000',
    { failure: 'hybrid_required_by_server' },
    'nothing',
  ],
])('%s', (_, answer, expected, wants) => {
  const session = rdpParser.open(tcp)
  const found: unknown[] = []
  const tell = (__: string, facts: unknown): void => void found.push(facts)
  expect(session.push('client', request, 1, tell)).toBe('more')
  expect(session.push('server', fromHex(answer), 1, tell)).toBe(wants)
  session.end(2, tell)
  expect(found).toEqual([{ rdp: { requested_protocols: ['ssl', 'hybrid'], ...expected } }])
})

test('what is X.224 and not RDP tells nothing', () => {
  const other = fromHex('0300001611e00000001700c1020101c2020102c0010a')
  expect(rdpParser.recognise('client', other, { ...tcp, serverPort: 102 })).toBe('no')
  expect(told(rdpParser, [['client', text('\x03\0nonsense')]])).toEqual([])
})
