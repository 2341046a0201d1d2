import { createReadStream, createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { CodedError, type Secret } from '@vedette/base'
import { create, extract } from 'tar'
import { seal, unseal } from './sealed-stream.ts'

/**
 * Packs a folder into one file (tar, Zstandard with its checksum), sealed where there is a passphrase. The file must not be
 * there yet; it is on disk when this resolves.
 */
export async function packFolder(folder: string, file: string, passphrase?: Secret): Promise<void> {
  const packed = createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
  })
  const tar = create({ cwd: folder, portable: true }, ['.'])
  const output = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true })
  await Promise.all([
    pipeline(Readable.from(tar), packed),
    pipeline(Readable.from(seal(packed, passphrase)), output),
  ])
}

/**
 * Unpacks such a file into an empty folder. Nothing is written outside of it.
 *
 * @throws {CodedError} those of `unseal`; `backup-broken` where it was altered and not sealed, or cut off
 */
export async function unpackFolder(file: string, folder: string, passphrase?: Secret): Promise<void> {
  const content = Readable.from(unseal(createReadStream(file), passphrase))
  try {
    await pipeline(
      content,
      createZstdDecompress(),
      extract({ cwd: folder, strict: true, preserveOwner: false, noMtime: false }),
    )
  } catch (error) {
    if (error instanceof CodedError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new CodedError('backup-broken', `The backup cannot be read: ${reason}`, { cause: error })
  }
}
