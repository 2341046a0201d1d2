import type { ElfFacts } from '@vedette/model'

/** Bytes of a file from an offset on: as many as are there, at most `length`. */
export type ReadBytes = (offset: number, length: number) => Uint8Array

/** Bounds on what a header may ask for. Real files stay far below. */
const MAX_SEGMENTS = 512
const MAX_SECTIONS = 8192
const MAX_DYNAMIC_BYTES = 65_536
const MAX_NOTE_BYTES = 4096
const MAX_NEEDED = 256
const MAX_NAME = 1024

const TYPES: Readonly<Record<number, ElfFacts['type']>> = {
  1: 'relocatable',
  2: 'executable',
  3: 'shared',
  4: 'core',
}
/** The machines of Linux; others are told by their number. System V ABI, chapter 4, and the registry of e_machine. */
const MACHINES: Readonly<Record<number, string>> = {
  2: 'sparc',
  3: 'x86',
  8: 'mips',
  20: 'ppc',
  21: 'ppc64',
  22: 's390',
  40: 'arm',
  43: 'sparc64',
  62: 'x86-64',
  183: 'aarch64',
  243: 'riscv',
  247: 'bpf',
  258: 'loongarch',
}
const PT_LOAD = 1
const PT_DYNAMIC = 2
const PT_INTERP = 3
const PT_NOTE = 4
const SHT_SYMTAB = 2
const DT_NEEDED = 1
const DT_STRTAB = 5
const DT_RPATH = 15
const DT_RUNPATH = 29
const NT_GNU_BUILD_ID = 3

/** A header, whatever its width and byte order. */
class Header {
  readonly #view: DataView
  readonly #little: boolean
  readonly wide: boolean

  constructor(bytes: Uint8Array, little: boolean, wide: boolean) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#little = little
    this.wide = wide
  }

  get length(): number {
    return this.#view.byteLength
  }

  /** 0 beyond the end. */
  half(at: number): number {
    return at + 2 <= this.length ? this.#view.getUint16(at, this.#little) : 0
  }

  /** 0 beyond the end. */
  word(at: number): number {
    return at + 4 <= this.length ? this.#view.getUint32(at, this.#little) : 0
  }

  /** An address or offset: four or eight bytes. 0 beyond the end; what no file can hold is `Infinity`. */
  native(at: number): number {
    if (!this.wide) return this.word(at)
    if (at + 8 > this.length) return 0
    const value = this.#view.getBigUint64(at, this.#little)
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(value)
  }
}

interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly size: number
}

/**
 * What an ELF file says of itself: System V ABI, chapters 4 and 5. Undefined for a file of another kind. Whatever is broken
 * or out of bounds is left out; it never throws for what a file holds, and reads a few pages at most but for section headers.
 */
export function readElf(read: ReadBytes): ElfFacts | undefined {
  const start = read(0, 64)
  if (start.length < 52 || start[0] !== 0x7f || start[1] !== 0x45 || start[2] !== 0x4c || start[3] !== 0x46)
    return undefined
  const wide = start[4] === 2
  const little = start[5] !== 2
  const make = (bytes: Uint8Array) => new Header(bytes, little, wide)
  const header = make(start)
  const segments = readSegments(header, read, make)
  const interpreter = segments.find(({ type }) => type === PT_INTERP)
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC)
  const machine = header.half(18)
  const libraries = dynamic && readDynamic(dynamic, segments, read, make)
  const path = interpreter && textAt(read, interpreter.offset, Math.min(interpreter.size, MAX_NAME))
  const buildId = buildIdOf(segments, read, make)
  return {
    type: TYPES[header.half(16)] ?? 'other',
    machine: MACHINES[machine] ?? `machine ${machine}`,
    bits: wide ? 64 : 32,
    stripped: !hasSymbols(header, read, make),
    ...(path !== undefined && path !== '' && { interpreter: path }),
    ...(buildId !== undefined && { build_id: buildId }),
    ...libraries,
  }
}

type Make = (bytes: Uint8Array) => Header

function readSegments(header: Header, read: ReadBytes, make: Make): Segment[] {
  const { wide } = header
  const offset = header.native(wide ? 32 : 28)
  const entry = wide ? 56 : 32
  const count = Math.min(header.half(wide ? 56 : 44), MAX_SEGMENTS)
  if (offset === 0 || header.half(wide ? 54 : 42) !== entry) return []
  const table = make(bytesAt(read, offset, count * entry))
  return Array.from({ length: Math.floor(table.length / entry) }, (_, number) => {
    const at = number * entry
    return {
      type: table.word(at),
      offset: table.native(at + (wide ? 8 : 4)),
      address: table.native(at + (wide ? 16 : 8)),
      size: table.native(at + (wide ? 32 : 16)),
    }
  })
}

function readDynamic(
  dynamic: Segment,
  segments: readonly Segment[],
  read: ReadBytes,
  make: Make,
): Partial<Pick<ElfFacts, 'needed' | 'rpath' | 'runpath'>> {
  const table = make(bytesAt(read, dynamic.offset, Math.min(dynamic.size, MAX_DYNAMIC_BYTES)))
  const width = table.wide ? 8 : 4
  const needed: number[] = []
  let names: number | undefined
  let rpath: number | undefined
  let runpath: number | undefined
  for (let at = 0; at + 2 * width <= table.length; at += 2 * width) {
    const tag = table.native(at)
    const value = table.native(at + width)
    if (tag === 0) break
    if (tag === DT_NEEDED && needed.length < MAX_NEEDED) needed.push(value)
    else if (tag === DT_STRTAB) names = fileOffset(segments, value)
    else if (tag === DT_RPATH) rpath = value
    else if (tag === DT_RUNPATH) runpath = value
  }
  if (names === undefined) return {}
  const name = (at: number) => textAt(read, (names ?? 0) + at, MAX_NAME)
  const libraries = needed.map(name).filter((library) => library !== '')
  return {
    ...(libraries.length > 0 && { needed: libraries }),
    ...(rpath !== undefined && { rpath: name(rpath) }),
    ...(runpath !== undefined && { runpath: name(runpath) }),
  }
}

/** Where in the file the byte lies that is loaded at an address. */
function fileOffset(segments: readonly Segment[], address: number): number | undefined {
  const segment = segments.find(
    ({ type, address: from, size }) => type === PT_LOAD && address >= from && address < from + size,
  )
  return segment && segment.offset + (address - segment.address)
}

/** The linker's fingerprint of what it linked, hex. */
function buildIdOf(segments: readonly Segment[], read: ReadBytes, make: Make): string | undefined {
  for (const { type, offset, size } of segments) {
    if (type !== PT_NOTE) continue
    const bytes = bytesAt(read, offset, Math.min(size, MAX_NOTE_BYTES))
    const notes = make(bytes)
    for (let at = 0; at + 12 <= notes.length;) {
      const [nameLength, length] = [notes.word(at), notes.word(at + 4)]
      const from = at + 12 + aligned(nameLength)
      const isGnu = nameLength === 4 && String.fromCharCode(...bytes.subarray(at + 12, at + 15)) === 'GNU'
      if (isGnu && notes.word(at + 8) === NT_GNU_BUILD_ID && length > 0 && length <= 64) {
        const id = bytes.subarray(from, from + length)
        return id.length === length ? hex(id) : undefined
      }
      at = from + aligned(length)
    }
  }
  return undefined
}

/** Whether the table of symbols for people is there. */
function hasSymbols(header: Header, read: ReadBytes, make: Make): boolean {
  const { wide } = header
  const offset = header.native(wide ? 40 : 32)
  const entry = wide ? 64 : 40
  const count = Math.min(header.half(wide ? 60 : 48), MAX_SECTIONS)
  if (offset === 0 || header.half(wide ? 58 : 46) !== entry) return false
  const table = make(bytesAt(read, offset, count * entry))
  for (let at = 0; at + entry <= table.length; at += entry) {
    if (table.word(at + 4) === SHT_SYMTAB) return true
  }
  return false
}

function aligned(length: number): number {
  return Math.ceil(length / 4) * 4
}

function bytesAt(read: ReadBytes, offset: number, length: number): Uint8Array {
  return Number.isSafeInteger(offset + length) && length > 0 ? read(offset, length) : new Uint8Array()
}

function textAt(read: ReadBytes, offset: number, length: number): string {
  const bytes = bytesAt(read, offset, length)
  const end = bytes.indexOf(0)
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end))
}

const decoder = new TextDecoder()

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
