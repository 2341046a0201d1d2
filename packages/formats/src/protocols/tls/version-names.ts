const NAMES: Readonly<Record<number, string>> = {
  0x0002: 'SSL 2.0',
  0x0300: 'SSL 3.0',
  0x0301: 'TLS 1.0',
  0x0302: 'TLS 1.1',
  0x0303: 'TLS 1.2',
  0x0304: 'TLS 1.3',
}

/** A protocol version's name; of drafts of TLS 1.3 with their number; `0x1234` where it has none. */
export function versionName(version: number): string {
  if (version >> 8 === 0x7f) return `TLS 1.3 draft-${version & 0xff}`
  return NAMES[version] ?? `0x${version.toString(16).padStart(4, '0')}`
}

/** TLS 1.3 or one of its drafts: all after the hellos is encrypted. */
export function isTls13(version: number): boolean {
  return version === 0x0304 || version >> 8 === 0x7f
}
