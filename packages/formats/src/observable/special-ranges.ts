import { maskAddress, readAddress, readRange } from './address.ts'

/** Ranges that name nobody on the internet: IANA's special-purpose registries (RFC 6890), multicast, broadcast. */
const ranges = [
  ['0.0.0.0/8', 'this network'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'shared by carriers'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'protocol assignments'],
  ['192.0.2.0/24', 'documentation'],
  ['192.88.99.0/24', 'relay of 6to4'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'benchmarking'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['64:ff9b::/96', 'translated IPv4'],
  ['64:ff9b:1::/48', 'translated IPv4'],
  ['100::/64', 'discarded'],
  ['2001::/23', 'protocol assignments'],
  ['2001:db8::/32', 'documentation'],
  ['2002::/16', '6to4'],
  ['3fff::/20', 'documentation'],
  ['5f00::/16', 'segment routing'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'site-local'],
  ['ff00::/8', 'multicast'],
] as const

const scratch = new Uint32Array(4)

const special = ranges.map(([text, purpose]) => {
  const words = new Uint32Array(4)
  const range = readRange(text, words)
  if (!range) throw new TypeError(`not a range: ${text}`)
  return { ...range, words, purpose }
})

/**
 * What an address is for, where it names nobody on the internet: `private`, `loopback`, `link-local`, `documentation`,
 * ... Undefined for a public address and for text that is none. A range is judged by where it begins.
 */
export function specialPurpose(text: string): string | undefined {
  const slash = text.indexOf('/')
  const address = new Uint32Array(4)
  const family = readAddress(text, address, 0, slash < 0 ? text.length : slash)
  if (family === 0) return undefined
  return special.find((range) => {
    if (range.family !== family) return false
    scratch.set(address)
    maskAddress(family, scratch, range.prefix)
    return scratch.every((word, k) => word === range.words[k])
  })?.purpose
}
