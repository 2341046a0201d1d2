/** Types that `filetype` may be, by the first bytes of a file. */
const MAGIC: readonly (readonly [type: string, start: Buffer])[] = [
  ['ELF', Buffer.from('\x7fELF', 'latin1')],
  ['EXE', Buffer.from('MZ')],
  ['SCRIPT', Buffer.from('#!')],
  ['PHP', Buffer.from('<?php')],
  ['JSP', Buffer.from('<%')],
  ['XML', Buffer.from('<?xml')],
  ['ZIP', Buffer.from('PK\x03\x04', 'latin1')],
  ['GZIP', Buffer.from('\x1f\x8b', 'latin1')],
  ['XZ', Buffer.from('\xfd7zXZ\x00', 'latin1')],
  ['ZSTD', Buffer.from('\x28\xb5\x2f\xfd', 'latin1')],
  ['PDF', Buffer.from('%PDF')],
  ['CLASS', Buffer.from('\xca\xfe\xba\xbe', 'latin1')],
  ['DEB', Buffer.from('!<arch>')],
]

/** Value of the variable `filetype`: `ELF`, `SCRIPT`, `PHP` ..., or `UNKNOWN`. */
export function fileTypeOf(data: Buffer): string {
  for (const [type, start] of MAGIC) {
    if (data.length >= start.length && data.subarray(0, start.length).equals(start)) return type
  }
  return 'UNKNOWN'
}
