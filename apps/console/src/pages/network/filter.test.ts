import { expect, test } from 'vitest'
import { networkVariables, readNetworkFilter } from './filter.ts'

test('readNetworkFilter() reads what stands in an address, and leaves out what makes no sense', () => {
  const address = { host: ' a ', port: '443', protocol: 'tls', range: '1h', event: 'e1', process: '' }
  expect(readNetworkFilter(address)).toEqual({
    host: 'a',
    port: '443',
    protocol: 'tls',
    range: '1h',
    event: 'e1',
  })
  for (const port of ['', '-1', '65536', '1.5', 'x', undefined])
    expect(readNetworkFilter({ port })).toEqual({})
  expect(readNetworkFilter({ port: '0' })).toEqual({ port: '0' })
})

test('networkVariables() asks for what the filter says and nothing else', () => {
  expect(networkVariables({ port: '53', program: 'curl' })).toEqual({
    host: null,
    process_uid: null,
    process: 'curl',
    address: null,
    port: 53,
    protocol: null,
    flow_uid: null,
    search: null,
  })
})
