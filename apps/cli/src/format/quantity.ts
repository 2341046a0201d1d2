const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** `133.4 MiB`. */
export function bytes(count: number): string {
  let value = count
  let unit = 0
  while (value >= 1024 && unit < BYTES.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${BYTES[unit]}`
}

/** A whole number with thin groups of three: `1 234 567`. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ' ')
}
