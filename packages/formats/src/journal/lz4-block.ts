/**
 * Decompresses one LZ4 block ("LZ4 Block Format Description") of which the size is known. Undefined where it is damaged or
 * does not come to that size. Time in proportion to the size.
 */
export function decompressLz4Block(block: Uint8Array, sizeBytes: number): Buffer | undefined {
  const output = Buffer.alloc(sizeBytes)
  let from = 0
  let to = 0
  while (from < block.length) {
    const token = block[from] as number
    from += 1
    let literals = token >> 4
    if (literals === 15) {
      for (let more = 255; more === 255; from += 1) {
        if (from >= block.length) return undefined
        more = block[from] as number
        literals += more
      }
    }
    if (from + literals > block.length || to + literals > sizeBytes) return undefined
    output.set(block.subarray(from, from + literals), to)
    from += literals
    to += literals
    // The last sequence has literals alone.
    if (from === block.length) break
    if (from + 2 > block.length) return undefined
    const distance = (block[from] as number) | ((block[from + 1] as number) << 8)
    from += 2
    if (distance === 0 || distance > to) return undefined
    let length = (token & 15) + 4
    if (length === 19) {
      for (let more = 255; more === 255; from += 1) {
        if (from >= block.length) return undefined
        more = block[from] as number
        length += more
      }
    }
    if (to + length > sizeBytes) return undefined
    // Byte by byte: what is copied may be what was copied just now.
    for (let i = 0; i < length; i += 1) output[to + i] = output[to + i - distance] as number
    to += length
  }
  return to === sizeBytes ? output : undefined
}
