export function u16(bytes: Uint8Array, at: number, little: boolean): number {
  const first = bytes[at] ?? 0
  const second = bytes[at + 1] ?? 0
  return little ? (second << 8) | first : (first << 8) | second
}

export function u32(bytes: Uint8Array, at: number, little: boolean): number {
  return little
    ? u16(bytes, at + 2, true) * 65_536 + u16(bytes, at, true)
    : u16(bytes, at, false) * 65_536 + u16(bytes, at + 2, false)
}
