import { recogniseCompression } from '@vedette/formats'

/** How a file is packed, by its first bytes. */
export type Compression = Packed | 'none' | 'unsupported' | 'archive'

/** What can be unpacked. */
export type Packed = 'gzip' | 'zstd'

/** zip and 7z, which are also documents and programs. */
const archives: readonly (readonly number[])[] = [
  [0x50, 0x4b, 0x03, 0x04],
  [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c],
]

export function compressionOf(head: Uint8Array): Compression {
  const known = recogniseCompression(head)
  if (known === 'gzip' || known === 'zstd') return known
  // Logs are packed with xz and bzip2 too, and Node cannot unpack them.
  if (known !== undefined) return 'unsupported'
  return archives.some((magic) => magic.every((byte, at) => head[at] === byte)) ? 'archive' : 'none'
}

/** The name that the file had before it was packed: what formats know by their name they know then too. */
export function unpackedName(name: string, compression: Compression): string {
  return compression === 'none' ? name : name.replace(/\.(gz|gzip|zst|zstd)$/i, '')
}
