import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'

/** What stands in an element or attribute: text, a value by its number, or an element. */
export type Content = string | Substitution | Markup

export interface Substitution {
  readonly index: number
  /** Declared type; the record says what it truly is. */
  readonly type?: number
}

export interface Markup {
  readonly name: string
  readonly attributes?: Readonly<Record<string, Content>>
  readonly children?: readonly Content[]
}

/** A value of a record: its bytes, or binary XML of its own. */
export interface Value {
  readonly type: number
  readonly bytes?: Buffer
  readonly fragment?: Fragment
}

/** A template with values, or plain elements. */
export type Fragment =
  | { readonly template: Markup; readonly values: readonly Value[] }
  | { readonly elements: readonly Markup[] }

export interface EvtxRecord {
  readonly id: number
  readonly fragment: Fragment
}

export function element(name: string, attributes: Markup['attributes'] = {}, ...children: Content[]): Markup {
  return { name, attributes, children }
}

export function value(type: number, bytes: readonly number[] | Buffer = []): Value {
  return { type, bytes: Buffer.from(bytes) }
}

export function text(content: string): Value {
  return { type: 1, bytes: Buffer.from(content, 'utf16le') }
}

export function number(type: number, bits: 16 | 32, content: number): Value {
  const bytes = Buffer.alloc(bits / 8)
  bytes.writeUIntLE(content, 0, bits / 8)
  return { type, bytes }
}

export function nested(fragment: Fragment): Value {
  return { type: 0x21, fragment }
}

/** An event whose `System` is like that of most, and whose values 0 to 2 are event id, channel and record id. */
export function event(...sections: Content[]): Markup {
  return element(
    'Event',
    { xmlns: 'http://schemas.microsoft.com/win/2004/08/events/event' },
    element(
      'System',
      {},
      element('Provider', { Name: 'Test' }),
      element('EventID', {}, { index: 0, type: 6 }),
      element('Channel', {}, { index: 1, type: 1 }),
      element('EventRecordID', {}, { index: 2, type: 8 }),
      element('Correlation'),
    ),
    ...sections,
  )
}

/** The values that `event` needs before those of its sections. */
export function eventValues(id: number, recordId: number, ...values: Value[]): Value[] {
  return [number(6, 16, id), text('Test/Channel'), number(8, 32, recordId), ...values]
}

const HEADER = 512

/** Writes one chunk of 64 KiB as Windows does: names and templates stand where they are used first. */
class ChunkWriter {
  readonly bytes = Buffer.alloc(65_536)
  readonly #names = new Map<string, number>()
  readonly #templates = new Map<Markup, number>()
  #at = HEADER

  record({ id, fragment }: EvtxRecord): void {
    const start = this.#at
    this.bytes.writeUInt32LE(0x2a2a, start)
    this.bytes.writeBigUInt64LE(BigInt(id), start + 8)
    this.#at += 24
    this.#fragment(fragment)
    this.#u8(0)
    this.#at = (this.#at + 11) & ~7
    const size = this.#at - start
    this.bytes.writeUInt32LE(size, start + 4)
    this.bytes.writeUInt32LE(size, this.#at - 4)
  }

  finish(records: readonly EvtxRecord[]): Buffer {
    const { bytes } = this
    bytes.write('ElfChnk\0', 0, 'latin1')
    const first = BigInt(records[0]?.id ?? 1)
    const last = BigInt(records.at(-1)?.id ?? 0)
    for (const at of [8, 24]) bytes.writeBigUInt64LE(first, at)
    for (const at of [16, 32]) bytes.writeBigUInt64LE(last, at)
    bytes.writeUInt32LE(128, 40)
    bytes.writeUInt32LE(this.#at, 48)
    bytes.writeUInt32LE(crc32(bytes.subarray(HEADER, this.#at)), 52)
    bytes.writeUInt32LE(crc32(bytes.subarray(128, HEADER), crc32(bytes.subarray(0, 120))), 124)
    return bytes
  }

  #fragment(fragment: Fragment): void {
    this.#u8(0x0f, 1, 1, 0)
    if ('elements' in fragment) for (const each of fragment.elements) this.#element(each, false)
    else this.#instance(fragment.template, fragment.values)
  }

  #instance(template: Markup, values: readonly Value[]): void {
    this.#u8(0x0c, 1)
    this.#u32(0x1234)
    const known = this.#templates.get(template)
    if (known === undefined) {
      const definition = this.#at + 4
      this.#templates.set(template, definition)
      this.#u32(definition)
      this.#u32(0)
      this.#at += 16
      const size = this.#at
      this.#u32(0)
      this.#u8(0x0f, 1, 1, 0)
      this.#element(template, true)
      this.#u8(0)
      this.bytes.writeUInt32LE(this.#at - size - 4, size)
    } else this.#u32(known)
    this.#u32(values.length)
    const descriptors = this.#at
    this.#at += values.length * 4
    for (const [index, { type, bytes, fragment }] of values.entries()) {
      const start = this.#at
      if (fragment !== undefined) {
        this.#fragment(fragment)
        this.#u8(0)
      } else if (bytes !== undefined) this.#at += bytes.copy(this.bytes, this.#at)
      this.bytes.writeUInt16LE(this.#at - start, descriptors + index * 4)
      this.bytes[descriptors + index * 4 + 2] = type
    }
  }

  #element({ name, attributes = {}, children = [] }: Markup, inTemplate: boolean): void {
    const named = Object.entries(attributes)
    this.#u8(named.length > 0 ? 0x41 : 0x01)
    if (inTemplate) this.#u16(0xffff)
    const size = this.#at
    this.#u32(0)
    this.#name(name)
    if (named.length > 0) {
      const list = this.#at
      this.#u32(0)
      for (const [index, [attribute, content]] of named.entries()) {
        this.#u8(index < named.length - 1 ? 0x46 : 0x06)
        this.#name(attribute)
        this.#content(content, inTemplate)
      }
      this.bytes.writeUInt32LE(this.#at - list - 4, list)
    }
    if (children.length === 0) this.#u8(0x03)
    else {
      this.#u8(0x02)
      for (const child of children) this.#content(child, inTemplate)
      this.#u8(0x04)
    }
    this.bytes.writeUInt32LE(this.#at - size - 4, size)
  }

  #content(content: Content, inTemplate: boolean): void {
    if (typeof content === 'string') {
      this.#u8(0x05, 1)
      this.#u16(content.length)
      this.#at += this.bytes.write(content, this.#at, 'utf16le')
    } else if ('index' in content) {
      this.#u8(0x0e)
      this.#u16(content.index)
      this.#u8(content.type ?? 1)
    } else this.#element(content, inTemplate)
  }

  #name(name: string): void {
    const known = this.#names.get(name)
    this.#u32(known ?? this.#at + 4)
    if (known !== undefined) return
    this.#names.set(name, this.#at)
    this.#u32(0)
    this.#u16(0)
    this.#u16(name.length)
    this.#at += this.bytes.write(name, this.#at, 'utf16le')
    this.#u16(0)
  }

  #u8(...bytes: number[]): void {
    for (const byte of bytes) this.bytes[this.#at++] = byte
  }

  #u16(content: number): void {
    this.#at = this.bytes.writeUInt16LE(content, this.#at)
  }

  #u32(content: number): void {
    this.#at = this.bytes.writeUInt32LE(content, this.#at)
  }
}

/** An EVTX file with a chunk for each list of records, its checksums right. */
export function evtxFile(...chunks: (readonly EvtxRecord[])[]): Buffer {
  const header = Buffer.alloc(4096)
  header.write('ElfFile\0', 0, 'latin1')
  header.writeUInt32LE(128, 32)
  header.writeUInt16LE(1, 36)
  header.writeUInt16LE(3, 38)
  header.writeUInt16LE(4096, 40)
  header.writeUInt16LE(chunks.length, 42)
  header.writeUInt32LE(crc32(header.subarray(0, 120)), 124)
  const written = chunks.map((records) => {
    const writer = new ChunkWriter()
    for (const record of records) writer.record(record)
    return writer.finish(records)
  })
  return Buffer.concat([header, ...written])
}
