/** A range of addresses: `10.0.0.0/8`, `fe80::/10`. */
export interface Cidr {
  readonly family: 4 | 6
  readonly address: bigint
  readonly prefix: number
}

/**
 * An address as a number. IPv4 in four decimal parts without leading zeros; IPv6 as RFC 4291, section 2.2 writes it, a
 * zone (`%eth0`) left aside. An IPv4-mapped address counts as IPv4. Undefined where the text is no address.
 */
export function parseAddress(text: string): { family: 4 | 6; address: bigint } | undefined {
  if (text.length > 64) return undefined
  if (!text.includes(':')) {
    const address = parseV4(text)
    return address === undefined ? undefined : { family: 4, address }
  }
  const address = parseV6(text.split('%', 1)[0] ?? '')
  if (address === undefined) return undefined
  if (address >> 32n === 0xffffn) return { family: 4, address: address & 0xffffffffn }
  return { family: 6, address }
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let address = 0n
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    address = (address << 8n) | BigInt(part)
  }
  return address
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = groupsOf(halves[0] ?? '')
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '') : []
  if (!head || !tail) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail]
  return groups.reduce((address, group) => (address << 16n) | BigInt(group), 0n)
}

function groupsOf(text: string): number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const groups: number[] = []
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes('.')) {
      const v4 = parseV4(part)
      if (v4 === undefined) return undefined
      groups.push(Number(v4 >> 16n), Number(v4 & 0xffffn))
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16))
    } else {
      return undefined
    }
  }
  return groups
}

/** Undefined where the text is not `address/length`. A bare address is the range of itself alone. */
export function parseCidr(text: string): Cidr | undefined {
  const [addressText = '', prefixText, ...rest] = text.split('/')
  const parsed = parseAddress(addressText)
  if (!parsed || rest.length > 0) return undefined
  const bits = parsed.family === 4 ? 32 : 128
  const prefix = prefixText === undefined ? bits : /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : -1
  if (prefix < 0 || prefix > bits) return undefined
  return { ...parsed, prefix }
}

/** Whether an address lies in the range; false for text that is no address. */
export function inCidr(text: string, { family, address, prefix }: Cidr): boolean {
  const parsed = parseAddress(text)
  if (!parsed || parsed.family !== family) return false
  const shift = BigInt((family === 4 ? 32 : 128) - prefix)
  return parsed.address >> shift === address >> shift
}
