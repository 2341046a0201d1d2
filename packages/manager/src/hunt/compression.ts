import { createGunzip, createZstdDecompress } from 'node:zlib'
import type { Transform } from 'node:stream'

/** How a file is packed, by its first bytes. */
export type Compression = Packed | 'none' | 'unsupported' | 'archive'

/** What can be unpacked. */
export type Packed = 'gzip' | 'zstd'

const magics: readonly (readonly [magic: readonly number[], compression: Compression])[] = [
  // RFC 1952, section 2.3.1: identification and the only method there is.
  [[0x1f, 0x8b, 0x08], 'gzip'],
  // RFC 8878, section 3.1.1.
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd'],
  // xz and bzip2: logs are packed so, and Node cannot unpack them.
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'unsupported'],
  [[0x42, 0x5a, 0x68], 'unsupported'],
  // zip and 7z, which are also documents and programs.
  [[0x50, 0x4b, 0x03, 0x04], 'archive'],
  [[0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], 'archive'],
]

export function compressionOf(head: Uint8Array): Compression {
  return magics.find(([magic]) => magic.every((byte, at) => head[at] === byte))?.[1] ?? 'none'
}

/** A stream that unpacks; several members one after the other are one text, as `cat a.gz b.gz` makes. */
export function decompressor(compression: Packed): Transform {
  const options = { chunkSize: 256 * 1024 }
  return compression === 'gzip' ? createGunzip(options) : createZstdDecompress(options)
}

/** The name that the file had before it was packed: what formats know by their name they know then too. */
export function unpackedName(name: string, compression: Compression): string {
  return compression === 'none' ? name : name.replace(/\.(gz|gzip|zst|zstd)$/i, '')
}
