const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
]

/** How long something lasted, in its two largest units: `12 min 46 s`, `3 d 2 h`, `0 s`. */
export function span(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1000)
  const at = UNITS.findIndex(([, size]) => seconds >= size)
  if (at < 0) return '0 s'
  const [unit, size] = UNITS[at] ?? ['s', 1]
  const [smaller, smallerSize] = UNITS[at + 1] ?? ['', 0]
  const rest = smallerSize === 0 ? 0 : Math.floor((seconds % size) / smallerSize)
  return `${Math.floor(seconds / size)} ${unit}${rest === 0 ? '' : ` ${rest} ${smaller}`}`
}
