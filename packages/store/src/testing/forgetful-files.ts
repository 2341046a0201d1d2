import type { SpoolFile, SpoolFiles } from '../spool/spool-files.ts'

interface Inode {
  bytes: Buffer
  /** Its content for sure after a crash. */
  synced: Buffer
}

/** Thrown at the moment of the crash and by everything after it. */
export class Crash extends Error {}

/** What a disk writes at once; small, so that the small files of tests have many. */
const SECTOR_BYTES = 64

/**
 * A folder in memory that crashes after a number of steps. A crash takes what was not synced: written bytes are kept up
 * to a random place, with rubbish in the last of them, or some sectors are kept and those before them are not; names that were made or removed since the last sync of the
 * folder are there or not, each by chance.
 */
export class ForgetfulFiles implements SpoolFiles {
  readonly #random: () => number
  #names = new Map<string, Inode>()
  #syncedNames = new Map<string, Inode>()
  #stepsLeft: number

  constructor(random: () => number, stepsLeft = Number.POSITIVE_INFINITY) {
    this.#random = random
    this.#stepsLeft = stepsLeft
  }

  /** What a new process finds. */
  afterCrash(stepsLeft: number): ForgetfulFiles {
    const found = new ForgetfulFiles(this.#random, stepsLeft)
    for (const name of new Set([...this.#names.keys(), ...this.#syncedNames.keys()])) {
      const now = this.#names.get(name)
      const before = this.#syncedNames.get(name)
      const inode = now === before || this.#random() < 0.5 ? before : now
      if (inode === undefined) continue
      const bytes = this.#torn(inode)
      found.#names.set(name, { bytes, synced: bytes })
    }
    found.#syncedNames = new Map(found.#names)
    return found
  }

  #torn({ bytes, synced }: Inode): Buffer {
    if (bytes.length < synced.length) return this.#random() < 0.5 ? bytes : synced
    const extra = Math.floor(this.#random() * (bytes.length - synced.length + 1))
    const kept = Buffer.from(bytes.subarray(0, synced.length + extra))
    if (this.#random() < 0.5) this.#loseSectors(kept, synced.length)
    for (let back = 1; back <= Math.min(extra, 8); back += 1) {
      if (this.#random() < 0.3) kept[kept.length - back] = Math.floor(this.#random() * 256)
    }
    return kept
  }

  /** The length of the file went to disk first, and its content in any order. */
  #loseSectors(bytes: Buffer, from: number): void {
    for (let start = from; start < bytes.length;) {
      const end = Math.min(bytes.length, start - (start % SECTOR_BYTES) + SECTOR_BYTES)
      if (this.#random() < 0.4) bytes.fill(0, start, end)
      start = end
    }
  }

  #step(): void {
    this.#stepsLeft -= 1
    if (this.#stepsLeft < 0) throw new Crash('crash')
  }

  #inode(name: string): Inode {
    const inode = this.#names.get(name)
    if (inode === undefined) throw Object.assign(new Error(`no file ${name}`), { code: 'ENOENT' })
    return inode
  }

  list(): string[] {
    return [...this.#names.keys()]
  }

  sizeOf(name: string): number {
    return this.#inode(name).bytes.length
  }

  async read(name: string): Promise<Buffer> {
    this.#step()
    return Buffer.from(this.#inode(name).bytes)
  }

  async readPart(name: string, offset: number, length: number): Promise<Buffer> {
    this.#step()
    return Buffer.from(this.#inode(name).bytes.subarray(offset, offset + length))
  }

  async create(name: string): Promise<SpoolFile> {
    this.#step()
    if (this.#names.has(name)) throw Object.assign(new Error(`${name} exists`), { code: 'EEXIST' })
    const inode: Inode = { bytes: Buffer.alloc(0), synced: Buffer.alloc(0) }
    this.#names.set(name, inode)
    return {
      write: async (bytes) => {
        // A crash in the middle of a write: a part of it was written.
        if (this.#stepsLeft < 1) {
          const part = Math.floor(this.#random() * bytes.length)
          inode.bytes = Buffer.concat([inode.bytes, bytes.subarray(0, part)])
        }
        this.#step()
        inode.bytes = Buffer.concat([inode.bytes, bytes])
      },
      truncate: async (length) => {
        this.#step()
        inode.bytes = inode.bytes.subarray(0, length)
      },
      sync: async () => {
        this.#step()
        inode.synced = Buffer.from(inode.bytes)
      },
      close: async () => undefined,
    }
  }

  async truncate(name: string, length: number): Promise<void> {
    this.#step()
    const inode = this.#inode(name)
    inode.bytes = inode.bytes.subarray(0, length)
    inode.synced = Buffer.from(inode.bytes)
  }

  async remove(name: string): Promise<void> {
    this.#step()
    this.#inode(name)
    this.#names.delete(name)
  }

  async syncFolder(): Promise<void> {
    this.#step()
    this.#syncedNames = new Map(this.#names)
  }
}

/** A generator of random numbers from 0 to 1 that gives the same ones for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
