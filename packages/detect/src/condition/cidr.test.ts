import { BlockList } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inCidr, parseCidr } from './cidr.ts'

const within = (address: string, range: string) => {
  const cidr = parseCidr(range)
  return cidr ? inCidr(address, cidr) : undefined
}

describe('X9 ranges of addresses', () => {
  test.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['192.168.1.255', '192.168.1.128/25', true],
    ['192.168.1.127', '192.168.1.128/25', false],
    ['1.2.3.4', '0.0.0.0/0', true],
    ['::1', '::1/128', true],
    ['fe80::1%eth0', 'fe80::/10', true],
    ['2001:db8::1', '2001:db8::/32', true],
    ['::ffff:10.1.2.3', '10.0.0.0/8', true],
    ['::1', '0.0.0.0/0', false],
    ['not an address', '0.0.0.0/0', false],
    ['10.01.2.3', '10.0.0.0/8', false],
    ['1.2.3.4', '1.2.3.0/33', undefined],
    ['1.2.3.4', '1.2.3/24', undefined],
    ['1.2.3.4', '1.2.3.0/', undefined],
    ['1.2.3.4', '1.2.3.0/8/8', undefined],
    ['10.1.2.3', '::ffff:10.0.0.0/104', undefined],
  ])('%s in %s: %s', (address, range, expected) => expect(within(address, range)).toBe(expected))

  test('agrees with Node on ranges', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, base, prefix) => {
        const list = new BlockList()
        list.addSubnet(base, prefix)
        expect(within(address, `${base}/${prefix}`)).toBe(list.check(address))
      }),
    )
  })

  test('agrees with Node on ranges of IPv6', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV6(), fc.integer({ min: 0, max: 128 }), (address, base, prefix) => {
        // Node takes mapped addresses for IPv6.
        fc.pre(![address, base].some((one) => one.includes('.') || /^(0*:)*:?ffff:/i.test(one)))
        const list = new BlockList()
        list.addSubnet(base, prefix, 'ipv6')
        expect(within(address, `${base}/${prefix}`)).toBe(list.check(address, 'ipv6'))
      }),
    )
  })
})
