import { createGunzip, createZstdDecompress } from 'node:zlib'
import type { Transform } from 'node:stream'

/** How a file is packed, by its first bytes. */
export type Compression = 'none' | 'gzip' | 'zstd' | 'unsupported'

const magics: readonly (readonly [magic: readonly number[], compression: Compression])[] = [
  // RFC 1952, section 2.3.1: identification and the only method there is.
  [[0x1f, 0x8b, 0x08], 'gzip'],
  // RFC 8878, section 3.1.1.
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd'],
  // Archives and compressions that this machine's Node cannot unpack: said, instead of searched as text.
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'unsupported'],
  [[0x42, 0x5a, 0x68], 'unsupported'],
  [[0x50, 0x4b, 0x03, 0x04], 'unsupported'],
  [[0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], 'unsupported'],
]

export function compressionOf(head: Uint8Array): Compression {
  return magics.find(([magic]) => magic.every((byte, at) => head[at] === byte))?.[1] ?? 'none'
}

/** A stream that unpacks; several members one after the other are one text, as `cat a.gz b.gz` makes. */
export function decompressor(compression: 'gzip' | 'zstd'): Transform {
  const options = { chunkSize: 256 * 1024 }
  return compression === 'gzip' ? createGunzip(options) : createZstdDecompress(options)
}

/** The name that the file had before it was packed: what formats know by their name they know then too. */
export function unpackedName(name: string, compression: Compression): string {
  return compression === 'none' ? name : name.replace(/\.(gz|gzip|zst|zstd)$/i, '')
}
