/** Lengths of the codes of each byte, and of the end of text (RFC 7541, appendix B). The codes follow from them (5.2). */
const LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28,
  28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7,
  8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19,
  13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13,
  28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21,
  22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23,
  22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25,
  25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
]
const END = 256
const MOST_BITS = 30

/** Symbols in the order of their codes, and of each length its first code and where its symbols begin. */
const symbols = LENGTHS.map((_, symbol) => symbol).sort((a, b) => lengthOf(a) - lengthOf(b) || a - b)
const firstCode = new Uint32Array(MOST_BITS + 1)
const firstSymbol = new Uint32Array(MOST_BITS + 1)
const count = new Uint32Array(MOST_BITS + 1)
for (const length of LENGTHS) count[length] = (count[length] ?? 0) + 1
for (let bits = 1, code = 0, index = 0; bits <= MOST_BITS; bits += 1) {
  code *= 2
  firstCode[bits] = code
  firstSymbol[bits] = index
  code += count[bits] ?? 0
  index += count[bits] ?? 0
}

function lengthOf(symbol: number): number {
  return LENGTHS[symbol] ?? 0
}

/** Text of HPACK's Huffman code, one character a byte; undefined where it is none. */
export function readHuffman(bytes: Uint8Array): string | undefined {
  const text = Buffer.allocUnsafe(bytes.length * 2)
  let length = 0
  let code = 0
  let bits = 0
  let ones = true
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      const value = (byte >> bit) & 1
      code = code * 2 + value
      bits += 1
      ones = ones && value === 1
      const offset = code - (firstCode[bits] ?? 0)
      if (offset >= 0 && offset < (count[bits] ?? 0)) {
        const symbol = symbols[(firstSymbol[bits] ?? 0) + offset] ?? END
        if (symbol === END) return undefined
        text[length++] = symbol
        code = 0
        bits = 0
        ones = true
      } else if (bits >= MOST_BITS) return undefined
    }
  }
  // The last byte is filled with the beginning of the end's code (5.2).
  return bits < 8 && ones ? text.toString('latin1', 0, length) : undefined
}
