import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib'

/** How a file is compressed; those that have a decompressor here are `gzip` and `zstd`. */
export type Compression = 'gzip' | 'zstd' | 'bzip2' | 'xz'

export interface ExpansionLimits {
  /** Most bytes that come out. */
  readonly maxOutputBytes: number
  /** Most bytes that come out for each byte that went in. */
  readonly maxRatio: number
}

/** Logs of repeated lines come out a few hundred times larger; zlib itself ends at about 1032. */
export const defaultExpansionLimits: ExpansionLimits = { maxOutputBytes: 1024 ** 4, maxRatio: 20_000 }

/** Before so many bytes came out, a ratio says nothing. */
const RATIO_FROM_BYTES = 64 * 1024 ** 2
/** Of the pieces that come out. One that damage breaks off is lost as a whole. */
const PIECE_BYTES = 64 * 1024

const MAGIC: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  // RFC 8878, section 3.1.2: a frame to be skipped, with which parallel compressors begin.
  ...Array.from({ length: 16 }, (_, n) => ['zstd', [0x50 + n, 0x2a, 0x4d, 0x18]] as const),
]

/** How a file is compressed, by its first bytes (6 are enough). */
export function recogniseCompression(head: Uint8Array): Compression | undefined {
  return MAGIC.find(([, magic]) => magic.every((byte, i) => head[i] === byte))?.[0]
}

/**
 * - `unknown-compression`: there is no decompressor for it.
 * - `broken-compression`: the bytes are damaged or end too early; what was given before is good.
 * - `expands-too-much`: a limit was reached.
 */
export class CompressionError extends Error {
  readonly code: 'unknown-compression' | 'broken-compression' | 'expands-too-much'

  constructor(code: CompressionError['code'], message: string) {
    super(message)
    this.name = 'CompressionError'
    this.code = code
  }
}

/**
 * Decompresses piece by piece, off the event loop; several members or frames one after another are read as one. Throws a
 * `CompressionError`, or what the source throws. The source is closed at the end, also of a reader who stops early.
 */
export async function* decompress(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
  limits: ExpansionLimits = defaultExpansionLimits,
): AsyncGenerator<Uint8Array> {
  const input = new Input(source)
  let output = 0
  try {
    while (!(await input.isDone())) {
      const decompressor = decompressorOf(compression)
      const before = input.bytes
      const feeding = feed(input, decompressor)
      try {
        for await (const piece of decompressor as AsyncIterable<Buffer>) {
          output += piece.length
          // Of the piece at hand, too: `input` counts it when it is through.
          const taken = before + decompressor.bytesWritten
          if (
            output > limits.maxOutputBytes ||
            (output > RATIO_FROM_BYTES && output > taken * limits.maxRatio)
          ) {
            throw new CompressionError(
              'expands-too-much',
              `Cannot decompress: ${taken} bytes became ${output}`,
            )
          }
          yield piece
        }
      } finally {
        decompressor.destroy()
      }
      await feeding
      // All members of a gzip file are read at once; behind them are zeros that fill a block, and perhaps another file.
      if (compression === 'gzip') await input.skipZeros()
    }
  } catch (error) {
    if (input.failure !== undefined) throw input.failure
    if (error instanceof CompressionError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new CompressionError('broken-compression', `Cannot decompress ${compression}: ${reason}`)
  } finally {
    await input.close()
  }
}

/** The source, of which a piece may be taken in part. */
class Input {
  /** Bytes that were taken. */
  bytes = 0
  /** What the source threw. */
  failure: Error | undefined
  readonly #pieces: AsyncIterator<Uint8Array>
  #piece: Uint8Array = new Uint8Array()

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#pieces = source[Symbol.asyncIterator]()
  }

  /** What was not taken yet of the piece at hand, or the next one; empty at the end. */
  async peek(): Promise<Uint8Array> {
    while (this.#piece.length === 0) {
      try {
        const next = await this.#pieces.next()
        if (next.done === true) break
        this.#piece = next.value
      } catch (error) {
        this.failure = error instanceof Error ? error : new Error(String(error))
        throw this.failure
      }
    }
    return this.#piece
  }

  take(bytes: number): void {
    this.bytes += bytes
    this.#piece = this.#piece.subarray(bytes)
  }

  async skipZeros(): Promise<void> {
    for (let piece = await this.peek(); piece.length > 0; piece = await this.peek()) {
      const end = piece.findIndex((byte) => byte !== 0)
      this.take(end === -1 ? piece.length : end)
      if (end !== -1) return
    }
  }

  async isDone(): Promise<boolean> {
    return (await this.peek()).length === 0
  }

  async close(): Promise<void> {
    if (this.failure === undefined) await this.#pieces.return?.()
  }
}

/** Feeds a decompressor until it wants no more, as at the end of a Zstandard frame, or nothing is left. Never rejects. */
async function feed(input: Input, decompressor: Decompressor): Promise<void> {
  try {
    for (;;) {
      const piece = await input.peek()
      if (piece.length === 0) break
      const before = decompressor.bytesWritten
      if (!(await written(decompressor, piece))) return
      const taken = decompressor.bytesWritten - before
      input.take(taken)
      if (taken < piece.length) return
    }
    decompressor.end()
  } catch (error) {
    decompressor.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}

/** False where the decompressor failed or was closed: its reader knows why. */
function written(decompressor: Decompressor, piece: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const closed = (): void => resolve(false)
    decompressor.once('close', closed)
    decompressor.write(piece, (error) => {
      decompressor.off('close', closed)
      resolve(!error)
    })
  })
}

type Decompressor = Gunzip | ZstdDecompress

function decompressorOf(compression: Compression): Decompressor {
  if (compression === 'gzip') return createGunzip({ chunkSize: PIECE_BYTES })
  if (compression === 'zstd') return createZstdDecompress({ chunkSize: PIECE_BYTES })
  throw new CompressionError('unknown-compression', `Cannot decompress ${compression}: not supported`)
}
