import { Buffer } from 'node:buffer'
import type { Markup } from './markup.ts'
import type { Context, Plan } from './plan.ts'

/** A name that a template definition points at. */
export interface NameUse {
  /** Bytes from the definition's content to the pointer. */
  readonly at: number
  /** Whether the name stands behind the pointer, where the next thing would. */
  readonly isInline: boolean
  readonly name: string
}

/** A template definition as it was read, and all that it was read from. */
export interface Definition {
  readonly markup: Markup
  /** Plans by the context that they were asked for in. */
  readonly plans: Map<Context, Plan>
  /** Bytes of its content as it is announced. */
  readonly sizeBytes: number
  /** The content as far as it was looked at. */
  readonly bytes: Buffer
  readonly names: readonly NameUse[]
  /** What reading it took from the chunk's budget. */
  readonly nodes: number
}

const MOST_DEFINITIONS = 4096
const MOST_BYTES = 8 << 20
/** Those of Windows are shorter than 8 KiB. */
const LONGEST_BYTES = 16 << 10
/** Definitions under one identifier that are compared: names stand in them, or before them in their chunk. */
const MOST_VARIANTS = 4
/** Bytes that are compared, and kept, for one chunk at most; an honest one is 64 KiB long. */
const BYTES_A_CHUNK = 256 << 10
const POINTER_BYTES = 4
/** Pointer, and the offset of the next name of the same hash. */
const INLINE_POINTER_BYTES = 8

/**
 * Template definitions that came before: every chunk brings those that it uses, and all but the places of names in them is
 * always the same. One counts as the same only where every byte is that means something, and every name.
 */
export class DefinitionCache {
  #variants = new Map<number, Definition[]>()
  #count = 0
  #bytes = 0
  #allowance = BYTES_A_CHUNK

  /** Another chunk is read from now on. */
  nextChunk(): void {
    this.#allowance = BYTES_A_CHUNK
  }

  /** @param key of the definition's identifier; others may have the same */
  find(chunk: Buffer, content: number, sizeBytes: number, key: number): Definition | undefined {
    const variants = this.#variants.get(key)
    if (variants === undefined) return undefined
    for (const definition of variants) {
      if (definition.sizeBytes !== sizeBytes) continue
      this.#allowance -= definition.bytes.length
      if (this.#allowance < 0) return undefined
      if (isSame(definition, chunk, content)) return definition
    }
    return undefined
  }

  add(
    chunk: Buffer,
    content: number,
    readBytes: number,
    key: number,
    definition: Omit<Definition, 'bytes' | 'plans'>,
  ): Definition | undefined {
    if (readBytes > LONGEST_BYTES || readBytes > this.#allowance) return undefined
    this.#allowance -= readBytes
    if (this.#count >= MOST_DEFINITIONS || this.#bytes + readBytes > MOST_BYTES) this.clear()
    let variants = this.#variants.get(key)
    if (variants === undefined) {
      variants = []
      this.#variants.set(key, variants)
    }
    if (variants.length >= MOST_VARIANTS) return undefined
    const bytes = Buffer.from(chunk.subarray(content, content + readBytes))
    const kept = { ...definition, bytes, plans: new Map() }
    variants.push(kept)
    this.#count += 1
    this.#bytes += readBytes
    return kept
  }

  clear(): void {
    this.#variants = new Map()
    this.#count = 0
    this.#bytes = 0
  }
}

function isSame({ bytes, names }: Definition, chunk: Buffer, content: number): boolean {
  let at = 0
  for (const { at: pointer, isInline, name } of names) {
    for (; at < pointer; at += 1) if (bytes[at] !== chunk[content + at]) return false
    const place = content + pointer
    if (place + POINTER_BYTES > chunk.length) return false
    const offset = chunk.readUInt32LE(place)
    if ((offset === place + POINTER_BYTES) !== isInline || !isNameAt(chunk, offset, name)) return false
    at = pointer + (isInline ? INLINE_POINTER_BYTES : POINTER_BYTES)
  }
  for (; at < bytes.length; at += 1) if (bytes[at] !== chunk[content + at]) return false
  return true
}

/** Whether this name stands there, with its terminator. */
function isNameAt(chunk: Buffer, offset: number, name: string): boolean {
  const end = offset + 8 + name.length * 2
  if (offset < 128 || end + 2 > chunk.length || chunk.readUInt16LE(offset + 6) !== name.length) return false
  for (let unit = 0, at = offset + 8; unit < name.length; unit += 1, at += 2) {
    if (name.charCodeAt(unit) !== ((chunk[at] ?? 0) | ((chunk[at + 1] ?? 0) << 8))) return false
  }
  return chunk[end] === 0 && chunk[end + 1] === 0
}
