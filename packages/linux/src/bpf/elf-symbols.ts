/** A variable or function of an object file: where it lies in its section. */
export interface ElfSymbol {
  readonly section: string
  readonly offset: number
  readonly size: number
}

const SYMTAB = 2

/**
 * The named symbols of a 64-bit little-endian ELF file (System V ABI, chapter 4).
 *
 * @throws {SyntaxError} when it is not such a file or has no symbol table
 */
export function elfSymbols(file: Uint8Array): ReadonlyMap<string, ElfSymbol> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  try {
    if (view.getUint32(0) !== 0x7f454c46 || view.getUint16(4) !== 0x0201) {
      throw new SyntaxError('Cannot read symbols: not a 64-bit little-endian ELF file')
    }
    return readSymbols(file, view)
  } catch (error) {
    if (error instanceof RangeError)
      throw new SyntaxError('Cannot read symbols: the file is cut', { cause: error })
    throw error
  }
}

function readSymbols(file: Uint8Array, view: DataView): ReadonlyMap<string, ElfSymbol> {
  const at = Number(view.getBigUint64(0x28, true))
  const entrySize = view.getUint16(0x3a, true)
  const sections = Array.from({ length: view.getUint16(0x3c, true) }, (_, index) => {
    const start = at + index * entrySize
    return {
      name: view.getUint32(start, true),
      type: view.getUint32(start + 4, true),
      offset: Number(view.getBigUint64(start + 24, true)),
      size: Number(view.getBigUint64(start + 32, true)),
      link: view.getUint32(start + 40, true),
    }
  })
  const text = (table: number, place: number) => {
    const start = (sections[table]?.offset ?? 0) + place
    return new TextDecoder().decode(file.subarray(start, file.indexOf(0, start)))
  }
  const names = view.getUint16(0x3e, true)
  const symbols = new Map<string, ElfSymbol>()
  const table = sections.find(({ type }) => type === SYMTAB)
  if (!table) throw new SyntaxError('Cannot read symbols: the file has no symbol table')
  for (let start = table.offset; start < table.offset + table.size; start += 24) {
    const name = text(table.link, view.getUint32(start, true))
    const section = sections[view.getUint16(start + 6, true)]
    if (name === '' || !section) continue
    symbols.set(name, {
      section: text(names, section.name),
      offset: Number(view.getBigUint64(start + 8, true)),
      size: Number(view.getBigUint64(start + 16, true)),
    })
  }
  return symbols
}
