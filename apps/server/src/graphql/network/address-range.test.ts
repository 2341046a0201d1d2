import { expect, test } from 'vitest'
import { addressRange } from './address-range.ts'

test.each([
  ['192.0.2.7', '192.0.2.7', '192.0.2.7'],
  [' 192.0.2.7/24 ', '192.0.2.0', '192.0.2.255'],
  ['10.1.2.3/9', '10.0.0.0', '10.127.255.255'],
  ['0.0.0.0/0', '0.0.0.0', '255.255.255.255'],
  ['2001:db8::1', '2001:db8::1', '2001:db8::1'],
  ['2001:db8::/33', '2001:db8::', '2001:db8:7fff:ffff:ffff:ffff:ffff:ffff'],
  ['::ffff:192.0.2.7', '192.0.2.7', '192.0.2.7'],
])('addressRange(%j) is %s to %s', (text, first, last) => {
  expect(addressRange(text)).toEqual({ first, last })
})

test.each(['', 'web-1', '192.0.2', '192.0.2.1/33', "1.1.1.1' OR 1=1"])('%j is refused', (text) => {
  expect(() => addressRange(text)).toThrow('expected an IPv4 or IPv6 address')
})
