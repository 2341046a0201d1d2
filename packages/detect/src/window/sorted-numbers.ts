const LARGEST_CHUNK = 512

/**
 * Numbers in order, with repeats: adding, removing and asking for the one at a rank take time that grows with the square
 * root of how many there are (chunks of at most 512, each in order).
 */
export class SortedNumbers {
  #chunks: number[][] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  add(number: number): void {
    const at = this.#chunkOf(number)
    const chunk = this.#chunks[at]
    this.#size += 1
    if (!chunk) {
      this.#chunks.push([number])
      return
    }
    chunk.splice(positionIn(chunk, number), 0, number)
    if (chunk.length > LARGEST_CHUNK) {
      this.#chunks.splice(at, 1, chunk.slice(0, LARGEST_CHUNK / 2), chunk.slice(LARGEST_CHUNK / 2))
    }
  }

  /** Removes one of these, which has to be there. */
  remove(number: number): void {
    const at = this.#chunkOf(number)
    const chunk = this.#chunks[at]
    const position = chunk ? positionIn(chunk, number) : 0
    if (chunk?.[position] !== number) return
    chunk.splice(position, 1)
    this.#size -= 1
    if (chunk.length === 0) this.#chunks.splice(at, 1)
  }

  /** The number at a rank; the least has rank 0. Undefined where there are not so many. */
  at(rank: number): number | undefined {
    let left = rank
    for (const chunk of this.#chunks) {
      if (left < chunk.length) return chunk[left]
      left -= chunk.length
    }
    return undefined
  }

  clear(): void {
    this.#chunks = []
    this.#size = 0
  }

  /** The first chunk whose greatest is not below the number, or the last. */
  #chunkOf(number: number): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#chunks[middle]?.at(-1) ?? 0) < number) low = middle + 1
      else high = middle
    }
    return Math.max(low, 0)
  }
}

/** The first position whose number is not below. */
function positionIn(chunk: readonly number[], number: number): number {
  let low = 0
  let high = chunk.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((chunk[middle] as number) < number) low = middle + 1
    else high = middle
  }
  return low
}
