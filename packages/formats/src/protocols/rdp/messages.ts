import type { RdpFacts } from '@vedette/model'
import { u16, u32, utf16 } from '../bytes/little-endian.ts'
import { latin1 } from '../bytes/text.ts'

/** TPKT and the fixed part of X.224. */
const FIXED = 11

/** MS-RDPBCGR, 2.2.1.1.1. */
const PROTOCOLS: readonly (readonly [number, string])[] = [
  [1, 'ssl'],
  [2, 'hybrid'],
  [4, 'rdstls'],
  [8, 'hybrid_ex'],
  [16, 'rdsaad'],
]

/** MS-RDPBCGR, 2.2.1.2.2. */
const FAILURES = [
  'none',
  'ssl_required_by_server',
  'ssl_not_allowed_by_server',
  'ssl_cert_not_on_server',
  'inconsistent_flags',
  'hybrid_required_by_server',
  'ssl_with_user_auth_required_by_server',
]

/** A Connection Request (MS-RDPBCGR, 2.2.1.1), TPKT and all. */
export function readRequest(message: Uint8Array): Partial<RdpFacts> {
  const rest = message.subarray(FIXED)
  const text = latin1(rest, 512)
  const end = text.startsWith('Cookie: ') || text.startsWith('tsv://') ? text.indexOf('\r\n') : -1
  const cookie = end < 0 ? undefined : /^Cookie: (?:mstshash=)?([^\r\n]{1,256})/.exec(text.slice(0, end))?.[1]
  const negotiation = rest.subarray(end < 0 ? 0 : end + 2)
  const bits = negotiation[0] === 1 && negotiation.length >= 8 ? u32(negotiation, 4) : 0
  return {
    ...(cookie !== undefined && { cookie }),
    requested_protocols: PROTOCOLS.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name),
  }
}

/** A Connection Confirm (MS-RDPBCGR, 2.2.1.2). */
export function readConfirm(message: Uint8Array): Partial<RdpFacts> {
  const rest = message.subarray(FIXED)
  const value = u32(rest, 4)
  if (rest.length >= 8 && rest[0] === 3) return { failure: FAILURES[value] ?? String(value) }
  const chosen = rest.length >= 8 && rest[0] === 2 ? PROTOCOLS.find(([bit]) => bit === value)?.[1] : undefined
  return { selected_protocol: chosen ?? 'rdp' }
}

const CLIENT_CORE = 0xc001
const CLIENT_NETWORK = 0xc003
const MOST_BLOCKS = 16

/** MS-RDPBCGR, 2.2.1.3.2: versions by their number. */
const VERSIONS: Readonly<Record<number, string>> = {
  0x80001: 'RDP 4.0',
  0x80004: 'RDP 5.0',
  0x80005: 'RDP 10.0',
  0x80006: 'RDP 10.1',
  0x80007: 'RDP 10.2',
  0x80008: 'RDP 10.3',
  0x80009: 'RDP 10.4',
  0x8000a: 'RDP 10.5',
  0x8000b: 'RDP 10.6',
  0x8000c: 'RDP 10.7',
  0x8000d: 'RDP 10.8',
  0x8000e: 'RDP 10.9',
  0x8000f: 'RDP 10.10',
  0x80010: 'RDP 10.11',
  0x80011: 'RDP 10.12',
}

/** Blocks of the client's data in MCS Connect Initial (MS-RDPBCGR, 2.2.1.3): they follow the mark of a conference. */
export function readClientData(message: Uint8Array): Partial<RdpFacts> {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.length)
  const mark = bytes.indexOf('Duca', 0, 'latin1')
  if (mark < 0) return {}
  // A length of PER comes before the blocks: one byte, or two where its highest bit is set.
  let at = mark + 4 + (((bytes[mark + 4] ?? 0) & 0x80) === 0 ? 1 : 2)
  let found: Partial<RdpFacts> = {}
  for (let count = 0; count < MOST_BLOCKS && at + 4 <= bytes.length; count += 1) {
    const length = u16(bytes, at + 2)
    if (length < 4) break
    const block = bytes.subarray(at, at + length)
    if (u16(block, 0) === CLIENT_CORE) found = { ...found, ...readCore(block) }
    if (u16(block, 0) === CLIENT_NETWORK) found = { ...found, channels: channelsOf(block) }
    at += length
  }
  return found
}

/** TS_UD_CS_CORE (MS-RDPBCGR, 2.2.1.3.2). */
function readCore(block: Uint8Array): Partial<RdpFacts> {
  if (block.length < 64) return {}
  const version = u32(block, 4)
  const [name = ''] = utf16(block, 24, 32).split('\0')
  return {
    client_version: VERSIONS[version] ?? `0x${version.toString(16)}`,
    desktop: { width: u16(block, 8), height: u16(block, 10) },
    keyboard_layout: u32(block, 16).toString(16).padStart(8, '0'),
    client_build: u32(block, 20),
    ...(name !== '' && { client_name: name }),
  }
}

/** TS_UD_CS_NET (MS-RDPBCGR, 2.2.1.3.4): names of eight bytes, with options after each. */
function channelsOf(block: Uint8Array): string[] {
  const count = Math.min(31, u32(block, 4), Math.floor((block.length - 8) / 12))
  return Array.from({ length: Math.max(0, count) }, (_, at) => {
    const name = latin1(block.subarray(8 + at * 12, 16 + at * 12))
    return name.split('\0', 1)[0] ?? ''
  })
}
