/**
 * What samples are made of. They are made when they are needed, and their texts stand here with dots in the middle of
 * words, so that no scanner takes this folder for what it describes.
 */

/** Harmless bytes that a rule has to find, or has to pass over. */
export interface Sample {
  readonly name: string
  readonly data: Buffer
  /** Other rules that find it too. */
  readonly also?: readonly string[]
}

/** Text without the dots in it. */
export function text(dotted: string): Buffer {
  return Buffer.from(dotted.replaceAll('·', ''))
}

export interface ElfOptions {
  /** 1 relocatable, 2 program, 3 shared. Default 2. */
  readonly type?: 1 | 2 | 3
  /** Default 62, x86-64; 247 is BPF. */
  readonly machine?: number
  /** Of each loaded piece: 1 execute, 2 write, 4 read. Default: one that is read and executed. */
  readonly flags?: readonly number[]
  /** Names of sections; none for a file without a table of them. */
  readonly sections?: readonly string[]
}

/** A 64-bit little-endian ELF file whose code is nothing but what `body` holds; nothing of it can run. */
export function elf(body: Buffer, { type = 2, machine = 62, flags = [5], sections = [] }: ElfOptions = {}): Buffer {
  const headerBytes = 64 + 56 * flags.length
  const names = ['', ...sections, '.shstrtab']
  const nameTable = Buffer.from(`${names.join('\0')}\0`)
  const hasSections = sections.length > 0
  const tableAt = headerBytes + body.length + nameTable.length
  const header = Buffer.alloc(64)
  header.write('\x7fELF\x02\x01\x01', 'latin1')
  header.writeUInt16LE(type, 16)
  header.writeUInt16LE(machine, 18)
  header.writeUInt32LE(1, 20)
  header.writeBigUInt64LE(BigInt(0x40_0000 + headerBytes), 24)
  header.writeBigUInt64LE(BigInt(flags.length > 0 ? 64 : 0), 32)
  header.writeBigUInt64LE(BigInt(hasSections ? tableAt : 0), 40)
  header.writeUInt16LE(64, 52)
  header.writeUInt16LE(56, 54)
  header.writeUInt16LE(flags.length, 56)
  header.writeUInt16LE(64, 58)
  header.writeUInt16LE(hasSections ? names.length : 0, 60)
  header.writeUInt16LE(hasSections ? names.length - 1 : 0, 62)
  const segments = flags.map((flag) => {
    const segment = Buffer.alloc(56)
    segment.writeUInt32LE(1, 0)
    segment.writeUInt32LE(flag, 4)
    segment.writeBigUInt64LE(0x40_0000n, 16)
    segment.writeBigUInt64LE(0x40_0000n, 24)
    segment.writeBigUInt64LE(BigInt(headerBytes + body.length), 32)
    segment.writeBigUInt64LE(BigInt(headerBytes + body.length), 40)
    segment.writeBigUInt64LE(0x1000n, 48)
    return segment
  })
  const table = hasSections ? names.map((_, index) => sectionHeader(names, index, headerBytes, body, nameTable)) : []
  return Buffer.concat([header, ...segments, body, ...(hasSections ? [nameTable] : []), ...table])
}

function sectionHeader(
  names: readonly string[],
  index: number,
  bodyAt: number,
  body: Buffer,
  nameTable: Buffer,
): Buffer {
  const header = Buffer.alloc(64)
  if (index === 0) return header
  const isNames = index === names.length - 1
  header.writeUInt32LE(names.slice(0, index).join('\0').length + (index > 0 ? 1 : 0), 0)
  header.writeUInt32LE(isNames ? 3 : 1, 4)
  header.writeBigUInt64LE(BigInt(isNames ? bodyAt + body.length : bodyAt), 24)
  header.writeBigUInt64LE(BigInt(isNames ? nameTable.length : body.length), 32)
  return header
}

/** The same noise each time: bytes without structure, as encrypted ones look. */
export function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = 0x9e37_79b9
  for (let at = 0; at < length; at += 1) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[at] = (state >>> 11) & 0xff
  }
  return bytes
}

/** Bytes from hexadecimal digits; dots and spaces are left out. */
export function bytes(dotted: string): Buffer {
  return Buffer.from(dotted.replace(/[·\s]/g, ''), 'hex')
}

/** Texts as a program holds them: one after another, with a zero byte behind each. */
export function strings(...dotted: readonly string[]): Buffer {
  return Buffer.concat(dotted.map((one) => Buffer.concat([text(one), Buffer.alloc(1)])))
}
