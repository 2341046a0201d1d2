import { expect, test } from 'vitest'
import { readAddress } from '../observable/address.ts'
import { communityId } from './community-id.ts'

// Of the specification's baseline, seed 0.
test.each([
  ['66.35.250.204', '128.232.110.120', 6, 80, 34_855, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  ['128.232.110.120', '66.35.250.204', 6, 34_855, 80, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  ['8.8.8.8', '192.168.1.52', 17, 53, 54_585, '1:d/FP5EW3wiY1vCndhwleRRKHowQ='],
  ['192.168.170.8', '192.168.170.56', 132, 7, 7, '1:MP2EtRCAUIZvTw6MxJHLV7N7JDs='],
  ['192.168.0.89', '192.168.0.1', 1, 8, 0, '1:X0snYXpgwiv9TZtqg64sgzUn6Dk='],
  ['fe80::260:97ff:fe07:69ea', 'ff02::1', 58, 134, 0, '1:pkvHqCL88/tg1k4cPigmZXUtL00='],
  ['fe80::200:86ff:fe05:80da', 'fe80::260:97ff:fe07:69ea', 58, 135, 0, '1:dGHyGvjMfljg6Bppwm3bg0LO8TY='],
  ['3ffe:501:1800:2345::2', '3ffe:507:0:1:200:86ff:fe05:80da', 58, 3, 0, '1:2ObVBgIn28oZvibYZhZMBgh7WdQ='],
  [
    '3ffe:501:410:0:2c0:dfff:fe47:33e',
    '3ffe:507:0:1:200:86ff:fe05:80da',
    58,
    1,
    4,
    '1:hLZd0XGWojozrvxqE0dWB1iM6R0=',
  ],
  ['3ffe:507:0:1:200:86ff:fe05:80da', '3ffe:501:0:1001::2', 58, 128, 0, '1:+TW+HtLHvV1xnGhV1lv7XoJrqQg='],
])('communityId() of %s to %s, protocol %i, %i and %i', (from, to, protocol, first, second, expected) => {
  const words = new Uint32Array(8)
  const family = readAddress(from, words)
  readAddress(to, words.subarray(4))
  if (family === 0) throw new SyntaxError('no address')
  const isIcmp = protocol === 1 || protocol === 58
  expect(
    communityId({
      family,
      words,
      protocol,
      sourcePort: isIcmp ? 0 : first,
      destinationPort: isIcmp ? 0 : second,
      icmpType: first,
      icmpCode: second,
    }),
  ).toBe(expected)
})
