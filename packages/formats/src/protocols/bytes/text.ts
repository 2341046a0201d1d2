/** Bytes as text, one character a byte: nothing is lost, and nothing can fail. At most `most` characters. */
export function latin1(bytes: Uint8Array, most = bytes.length): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, most)).toString('latin1')
}

/** Lower-case hex digits. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}

/** Whether `bytes` begin as `text` does; `maybe` where they end too early to tell. */
export function startsWith(bytes: Uint8Array, text: string): 'yes' | 'no' | 'maybe' {
  const length = Math.min(bytes.length, text.length)
  for (let n = 0; n < length; n += 1) if (bytes[n] !== text.charCodeAt(n)) return 'no'
  return length < text.length ? 'maybe' : 'yes'
}

/** At most `most` characters, in memory of their own: a part of a text else keeps the whole text. One character a byte. */
export function copied(value: string, most: number): string {
  return value.length <= most ? value : Buffer.from(value.slice(0, most), 'latin1').toString('latin1')
}
