import { describe, expect, test } from 'vitest'
import { ipv6Text, parseTcpTable } from './tcp-table.ts'

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'

describe('parseTcpTable()', () => {
  test('reads addresses in the byte order of the machine', () => {
    const line =
      '   0: 0100007F:1F90 0A00A8C0:D431 01 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000'
    expect(parseTcpTable(head + line)).toEqual([
      {
        state: 'established',
        localAddress: '127.0.0.1',
        localPort: 8080,
        remoteAddress: '192.168.0.10',
        remotePort: 54_321,
        uid: 1000,
        inode: 4711,
      },
    ])
  })

  test('gives an IPv4-mapped address as IPv4, and IPv6 in its short form', () => {
    const text = [
      '0: 0000000000000000FFFF00000100007F:0050 0000000000000000FFFF00000200007F:0051 02 0:0 0:0 0 0 0 1',
      '1: B80D0120000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 2',
    ].join('\n')
    expect(parseTcpTable(head + text)).toMatchObject([
      { localAddress: '127.0.0.1', remoteAddress: '127.0.0.2', state: 'syn-sent', inode: 1 },
      { localAddress: '2001:db8::1', remoteAddress: '::', state: 'listen', inode: 2 },
    ])
  })

  test('passes over what nobody holds any more', () => {
    const line =
      '0: 0100007F:1F90 0100007F:D431 06 00000000:00000000 03:00000A0B 00000000 0 0 0 3 0000000000000000'
    expect(parseTcpTable(head + line)).toEqual([])
    expect(parseTcpTable(head + line.replace(' 06 ', ' 08 '))).toMatchObject([{ state: 'closing' }])
  })

  test('passes over what is not a line of it', () => {
    expect(parseTcpTable(`${head}\n  1: nonsense\n2: 0100007F:1F90 xx:00 01 a b 0 0 0 0`)).toEqual([])
    expect(parseTcpTable('')).toEqual([])
  })
})

describe('ipv6Text()', () => {
  test.each([
    ['00000000000000000000000000000001', '::1'],
    ['20010db8000000010000000000000001', '2001:db8:0:1::1'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['20010db8000100010001000100010001', '2001:db8:1:1:1:1:1:1'],
    ['fe800000000000000000000000000000', 'fe80::'],
  ])('%s is %s', (hex, expected) => {
    expect(ipv6Text(Buffer.from(hex, 'hex'))).toBe(expected)
  })
})
