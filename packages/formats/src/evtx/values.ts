import { Buffer } from 'node:buffer'
import { ansiText, utf16Text } from './text.ts'
import { fileTimeText, systemTimeText } from './times.ts'

/** A value of a field. Lists come from arrays and from names that repeat. */
export type FieldValue = string | number | boolean | null | readonly FieldValue[]

/** Types of binary XML values ([MS-EVEN6] 2.2.12, "BinXml"; libevtx, "Value types"). */
export const BINXML_TYPE = 0x21
const ARRAY = 0x80

/** Bytes of one element of an array of each type; 0 where they are not all of one size. */
const WIDTHS: readonly number[] = [0, 0, 0, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 4, 0, 16, 0, 8, 16, 0, 4, 8]

const HEX = Buffer.from('0123456789ABCDEF', 'latin1')
const scratch = Buffer.alloc(36, '-')
/** Where the two digits of each byte stand in the text of a GUID: its first three groups are little-endian. */
const GUID_PLACES: readonly number[] = [6, 4, 2, 0, 11, 9, 16, 14, 19, 21, 24, 26, 28, 30, 32, 34]

function guidText(bytes: Buffer, offset: number): string {
  for (let index = 0; index < 16; index += 1) {
    const byte = bytes[offset + index] ?? 0
    const place = GUID_PLACES[index] ?? 0
    scratch[place] = HEX[byte >> 4] ?? 0
    scratch[place + 1] = HEX[byte & 15] ?? 0
  }
  return scratch.toString('latin1', 0, 36)
}

function hexText(bytes: Buffer, offset: number, size: number): string {
  return bytes.toString('hex', offset, offset + size).toUpperCase()
}

/** `S-1-5-18` ([MS-DTYP] 2.4.2); bytes that are no SID are hexadecimal. */
function sidText(bytes: Buffer, offset: number, size: number): string {
  const count = bytes[offset + 1] ?? 0
  if (size < 8 || size < 8 + count * 4) return hexText(bytes, offset, size)
  let text = `S-${bytes[offset]}-${bytes.readUIntBE(offset + 2, 6)}`
  for (let index = 0; index < count; index += 1) text += `-${bytes.readUInt32LE(offset + 8 + index * 4)}`
  return text
}

/** A number where it is exact, else its digits. */
function wide(value: bigint): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value.toString()
}

function unsigned64(bytes: Buffer, offset: number): number | string {
  const high = bytes.readUInt32LE(offset + 4)
  return high < 0x20_0000
    ? high * 0x1_0000_0000 + bytes.readUInt32LE(offset)
    : wide(bytes.readBigUInt64LE(offset))
}

function hex64(bytes: Buffer, offset: number): string {
  const high = bytes.readUInt32LE(offset + 4)
  const low = bytes.readUInt32LE(offset)
  return high === 0 ? `0x${low.toString(16)}` : `0x${high.toString(16)}${low.toString(16).padStart(8, '0')}`
}

/** JSON has no other numbers. */
function finite(value: number): number | string {
  return Number.isFinite(value) ? value : String(value)
}

function text(bytes: Buffer, offset: number, size: number): string {
  let units = size >> 1
  // Strings are written with their terminator by some providers.
  while (units > 0 && bytes[offset + units * 2 - 1] === 0 && bytes[offset + units * 2 - 2] === 0) units -= 1
  return utf16Text(bytes, offset, units)
}

function array(bytes: Buffer, type: number, offset: number, size: number): FieldValue {
  const values: FieldValue[] = []
  const end = offset + size
  if (type === 1 || type === 2) {
    const width = type === 1 ? 2 : 1
    let start = offset
    for (let at = offset; at + width <= end; at += width) {
      if (bytes[at] !== 0 || (width === 2 && bytes[at + 1] !== 0)) continue
      values.push(fieldValue(bytes, type, start, at - start))
      start = at + width
    }
    if (start < end) values.push(fieldValue(bytes, type, start, end - start))
  } else {
    const width = WIDTHS[type] ?? 0
    if (width === 0) return hexText(bytes, offset, size)
    for (let at = offset; at + width <= end; at += width) values.push(fieldValue(bytes, type, at, width))
  }
  return values.length === 0 ? null : values.length === 1 ? (values[0] ?? null) : values
}

/**
 * The value of a type and size at an offset, all inside `bytes`. Numbers are numbers up to 2^53 and digits above, times are
 * ISO 8601, hexadecimal numbers are text with `0x`, GUIDs are upper case without braces, binary is upper-case hexadecimal,
 * and so is a value whose size is not its type's.
 */
export function fieldValue(bytes: Buffer, type: number, offset: number, size: number): FieldValue {
  if (type === 1) return text(bytes, offset, size)
  if (type === 0) return null
  if ((type & ARRAY) !== 0) return array(bytes, type & ~ARRAY, offset, size)
  if (type === 2) return ansiText(bytes, offset, offset + size)
  if (size === 0) return null
  if (type === 16) {
    if (size === 4) return `0x${bytes.readUInt32LE(offset).toString(16)}`
    return size === 8 ? hex64(bytes, offset) : hexText(bytes, offset, size)
  }
  if (type === 19) return sidText(bytes, offset, size)
  const width = WIDTHS[type] ?? 0
  if (width === 0 || size < width) return hexText(bytes, offset, size)
  switch (type) {
    case 3:
      return bytes.readInt8(offset)
    case 4:
      return bytes[offset] ?? 0
    case 5:
      return bytes.readInt16LE(offset)
    case 6:
      return bytes.readUInt16LE(offset)
    case 7:
      return bytes.readInt32LE(offset)
    case 8:
      return bytes.readUInt32LE(offset)
    case 9:
      return wide(bytes.readBigInt64LE(offset))
    case 10:
      return unsigned64(bytes, offset)
    case 11:
      return finite(bytes.readFloatLE(offset))
    case 12:
      return finite(bytes.readDoubleLE(offset))
    case 13:
      return bytes.readUInt32LE(offset) !== 0
    case 15:
      return guidText(bytes, offset)
    case 17:
      return fileTimeText(bytes.readUInt32LE(offset), bytes.readUInt32LE(offset + 4))
    case 18:
      return systemTimeText(bytes, offset)
    case 20:
      return `0x${bytes.readUInt32LE(offset).toString(16)}`
    default:
      return hex64(bytes, offset)
  }
}

/** A value inside a longer text. */
export function valueText(value: FieldValue): string {
  if (value === null) return ''
  return typeof value === 'object' ? value.map(valueText).join(',') : String(value)
}
