const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const tenth = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })

/** A count with thin separators: 30512 is `30 512`. */
export function count(value: number): string {
  return whole.format(value).replaceAll(',', '\u202f')
}

/** A rate a second: one decimal below ten. */
export function rate(value: number): string {
  return value < 10 ? tenth.format(value) : count(value)
}

/** Bytes in binary units: `143 MiB`. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let scaled = value
  let unit = 0
  while (scaled >= 1024 && unit < units.length - 1) {
    scaled /= 1024
    unit += 1
  }
  return `${scaled < 10 && unit > 0 ? tenth.format(scaled) : whole.format(scaled)} ${units[unit] ?? ''}`
}

/** `1 alert`, `3 alerts`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}
