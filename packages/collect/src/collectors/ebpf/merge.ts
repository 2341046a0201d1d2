interface Timed {
  readonly timeMs: number
}

/** Two lists, each in order of time, as one. Of equal times those of the first come first. */
export function mergeByTime<T extends Timed>(first: readonly T[], second: readonly T[]): T[] {
  if (second.length === 0) return first as T[]
  if (first.length === 0) return second as T[]
  const merged: T[] = []
  let i = 0
  for (const item of second) {
    for (let earlier = first[i]; earlier && earlier.timeMs <= item.timeMs; earlier = first[i]) {
      merged.push(earlier)
      i += 1
    }
    merged.push(item)
  }
  for (; i < first.length; i += 1) merged.push(first[i] as T)
  return merged
}
