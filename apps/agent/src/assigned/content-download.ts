import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { unpackBundle } from '@vedette/manager/fleet'
import { type ContentName, MAX_CONTENT_BYTES } from '@vedette/model'

/** A piece that does not come within this is asked for once more, and then given up. */
const PIECE_WITHIN_MS = 15_000
const MOST_ASKS = 3

export interface Piece {
  readonly sha256: string
  readonly offset: number
  /** Base64. */
  readonly data: string
}

/**
 * Gets a bundle piece by piece, checks that it is what its name says, and unpacks it into a folder that is there whole or not
 * at all. One at a time.
 */
export class ContentDownload {
  readonly #ask: (sha256: string, offset: number) => void
  #waiting:
    | { readonly sha256: string; readonly offset: number; readonly take: (data: Buffer) => void }
    | undefined

  constructor(ask: (sha256: string, offset: number) => void) {
    this.#ask = ask
  }

  /** A piece came; one that nobody waits for is passed over. */
  take({ sha256, offset, data }: Piece): void {
    const waiting = this.#waiting
    if (waiting?.sha256 !== sha256 || waiting.offset !== offset) return
    this.#waiting = undefined
    waiting.take(Buffer.from(data, 'base64'))
  }

  /** @throws {Error} it does not come, or it is not what its name says */
  async fetch({ sha256, sizeBytes }: ContentName, folder: string): Promise<void> {
    if (sizeBytes > MAX_CONTENT_BYTES) throw new RangeError('Cannot take the bundle: it is too large')
    const pieces: Buffer[] = []
    for (let offset = 0; offset < sizeBytes;) {
      const piece = await this.#piece(sha256, offset)
      if (piece.length === 0 || offset + piece.length > sizeBytes) {
        throw new RangeError('Cannot take the bundle: the server does not have it, or another')
      }
      pieces.push(piece)
      offset += piece.length
    }
    const files = unpackBundle(Buffer.concat(pieces), sha256)
    const next = `${folder}.next`
    rmSync(next, { recursive: true, force: true })
    for (const { path, text } of files) {
      const file = join(next, path)
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
      const handle = await open(file, 'wx', 0o600)
      try {
        await handle.writeFile(text)
        await handle.sync()
      } finally {
        await handle.close()
      }
    }
    rmSync(folder, { recursive: true, force: true })
    renameSync(next, folder)
  }

  async #piece(sha256: string, offset: number): Promise<Buffer> {
    for (let asked = 1; ; asked += 1) {
      const { promise, resolve } = Promise.withResolvers<Buffer | undefined>()
      this.#waiting = { sha256, offset, take: resolve }
      const timer = setTimeout(() => resolve(undefined), PIECE_WITHIN_MS)
      this.#ask(sha256, offset)
      const piece = await promise
      clearTimeout(timer)
      if (piece !== undefined) return piece
      if (asked >= MOST_ASKS) throw new Error('Cannot take the bundle: the server does not send it')
    }
  }
}
