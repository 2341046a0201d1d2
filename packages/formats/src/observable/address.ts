/**
 * Reads an address into four 32-bit words without allocating: IPv4 in four decimal parts without leading zeros (one word,
 * the other three are 0), IPv6 as RFC 4291, section 2.2 writes it, a zone (`%eth0`) left aside. An IPv4-mapped address
 * counts as IPv4.
 *
 * @param words at least 4 long
 * @returns 4 or 6; 0 where the text from `start` to `end` is no address
 */
export function readAddress(text: string, words: Uint32Array, start = 0, end = text.length): 0 | 4 | 6 {
  if (end - start > 64 || end - start < 2) return 0
  for (let i = start; i < end && i < start + 5; i += 1) {
    const code = text.charCodeAt(i)
    if (code === COLON) return readV6(text, words, start, end)
    if (code === DOT) {
      const v4 = readV4(text, start, end)
      if (v4 < 0) return 0
      words[0] = v4
      words[1] = 0
      words[2] = 0
      words[3] = 0
      return 4
    }
  }
  return 0
}

const COLON = 58
const DOT = 46
const PERCENT = 37

function readV4(text: string, start: number, end: number): number {
  let address = 0
  let part = 0
  let digits = 0
  let parts = 0
  for (let i = start; i <= end; i += 1) {
    const code = i === end ? DOT : text.charCodeAt(i)
    if (code === DOT) {
      if (digits === 0 || part > 255) return -1
      address = address * 256 + part
      parts += 1
      if (parts > 4) return -1
      part = 0
      digits = 0
    } else if (code >= 48 && code <= 57) {
      // A leading zero means octal to some readers: two readers, two addresses.
      if (digits === 1 && part === 0) return -1
      part = part * 10 + (code - 48)
      digits += 1
      if (digits > 3) return -1
    } else return -1
  }
  return parts === 4 ? address : -1
}

const groups = new Uint16Array(8)

function readV6(text: string, words: Uint32Array, start: number, end: number): 0 | 4 | 6 {
  let stop = end
  for (let i = start; i < end; i += 1) {
    if (text.charCodeAt(i) === PERCENT) {
      stop = i
      break
    }
  }
  let count = 0
  let gap = -1
  let i = start
  if (text.charCodeAt(i) === COLON) {
    if (text.charCodeAt(i + 1) !== COLON || i + 1 >= stop) return 0
    gap = 0
    i += 2
  }
  while (i < stop) {
    if (count === 8) return 0
    let group = 0
    let digits = 0
    const from = i
    for (; i < stop; i += 1) {
      const digit = hexDigit(text.charCodeAt(i))
      if (digit < 0) break
      group = group * 16 + digit
      digits += 1
      if (digits > 4) return 0
    }
    if (i < stop && text.charCodeAt(i) === DOT) {
      const v4 = readV4(text, from, stop)
      if (v4 < 0 || count > 6) return 0
      groups[count] = v4 >>> 16
      groups[count + 1] = v4 & 0xffff
      count += 2
      i = stop
      break
    }
    if (digits === 0) return 0
    groups[count] = group
    count += 1
    if (i === stop) break
    if (text.charCodeAt(i) !== COLON) return 0
    i += 1
    if (i === stop) return 0
    if (text.charCodeAt(i) === COLON) {
      if (gap >= 0) return 0
      gap = count
      i += 1
    }
  }
  if (gap < 0 ? count !== 8 : count > 7) return 0
  if (gap >= 0) {
    const tail = count - gap
    for (let k = 0; k < tail; k += 1) groups[7 - k] = groups[count - 1 - k] ?? 0
    for (let k = gap; k < 8 - tail; k += 1) groups[k] = 0
  }
  for (let k = 0; k < 4; k += 1) words[k] = (groups[2 * k] ?? 0) * 65_536 + (groups[2 * k + 1] ?? 0)
  if (words[0] === 0 && words[1] === 0 && words[2] === 0xffff) {
    words[0] = words[3] ?? 0
    words[2] = 0
    words[3] = 0
    return 4
  }
  return 6
}

/** 0-15, or -1. */
export function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

/** The one way to write an address: IPv6 as RFC 5952 has it. */
export function writeAddress(family: 4 | 6, words: Uint32Array): string {
  const first = words[0] ?? 0
  if (family === 4) return `${first >>> 24}.${(first >>> 16) & 255}.${(first >>> 8) & 255}.${first & 255}`
  const parts = Array.from({ length: 8 }, (_, k) => {
    const word = words[k >> 1] ?? 0
    return k % 2 === 0 ? word >>> 16 : word & 0xffff
  })
  let best = -1
  let longest = 1
  for (let k = 0; k < 8; k += 1) {
    let run = 0
    while (k + run < 8 && parts[k + run] === 0) run += 1
    if (run > longest) {
      best = k
      longest = run
    }
    if (run > 0) k += run - 1
  }
  const text = (from: number, to: number) =>
    parts
      .slice(from, to)
      .map((part) => part.toString(16))
      .join(':')
  return best < 0 ? text(0, 8) : `${text(0, best)}::${text(best + longest, 8)}`
}

/** Clears what stands below a prefix length; `words` then is the first address of the range. */
export function maskAddress(family: 4 | 6, words: Uint32Array, prefix: number): void {
  const count = family === 4 ? 1 : 4
  for (let k = 0; k < count; k += 1) {
    const bits = prefix - 32 * k
    if (bits <= 0) words[k] = 0
    else if (bits < 32) words[k] = (words[k] ?? 0) & (-1 << (32 - bits))
  }
}

/** A range as `readRange` reads it. */
export interface AddressRange {
  readonly family: 4 | 6
  readonly prefix: number
}

/**
 * Reads `192.0.2.0/24`, `2001:db8::/32` or a bare address, which is the range of itself. Bits below the prefix are
 * cleared.
 *
 * @param words takes the first address of the range
 */
export function readRange(text: string, words: Uint32Array): AddressRange | undefined {
  const slash = text.indexOf('/')
  const family = readAddress(text, words, 0, slash < 0 ? text.length : slash)
  if (family === 0) return undefined
  const widest = family === 4 ? 32 : 128
  let prefix = widest
  if (slash >= 0) {
    const bits = text.slice(slash + 1)
    if (!/^\d{1,3}$/.test(bits) || Number(bits) > widest) return undefined
    // The prefix of an IPv4-mapped address counts from its 128 bits: nothing that a feed means.
    if (family === 4 && text.includes(':')) return undefined
    prefix = Number(bits)
  }
  maskAddress(family, words, prefix)
  return { family, prefix }
}
