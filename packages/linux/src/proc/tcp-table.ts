import { isIPv4 } from 'node:net'
import { readProcText } from './read.ts'

/** A TCP socket of one network namespace, as /proc/net/tcp and tcp6 list it. */
export interface TcpSocket {
  readonly state: 'established' | 'syn-sent' | 'syn-received' | 'listen' | 'closing'
  readonly localAddress: string
  readonly localPort: number
  /** `0.0.0.0` or `::` with port 0 for a listening socket. */
  readonly remoteAddress: string
  readonly remotePort: number
  readonly uid: number
  /** 0 once no process holds it. */
  readonly inode: number
}

const MAX_TABLE_BYTES = 64 << 20

/**
 * TCP sockets of the network namespace that a process is in, but for those that nobody holds any more (TIME_WAIT, of which
 * a busy server has thousands). IPv4-mapped addresses are given as IPv4.
 *
 * @param pid whose network namespace; the caller's own by default
 */
export function readTcpSockets(pid: number | 'self' = 'self'): TcpSocket[] {
  return ['tcp', 'tcp6'].flatMap((name) =>
    parseTcpTable(readProcText(`/proc/${pid}/net/${name}`, MAX_TABLE_BYTES) ?? ''),
  )
}

/** Parses the text of /proc/net/tcp or tcp6; a line that is not one of theirs is passed over, as is TIME_WAIT. */
export function parseTcpTable(text: string): TcpSocket[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => (line.includes(TIME_WAIT) ? [] : (parseLine(line) ?? [])))
}

/** The state as it stands in a line; no other field can look like it. */
const TIME_WAIT = ' 06 '

/** States of include/net/tcp_states.h; all that is left is some step of closing. */
const STATES: Readonly<Record<string, TcpSocket['state']>> = {
  '01': 'established',
  '02': 'syn-sent',
  '03': 'syn-received',
  '0A': 'listen',
}

function parseLine(line: string): TcpSocket | undefined {
  const fields = line.trim().split(/\s+/)
  const local = parseEnd(fields[1])
  const remote = parseEnd(fields[2])
  const [uid, inode] = [Number(fields[7]), Number(fields[9])]
  if (!local || !remote || !Number.isInteger(uid) || !Number.isInteger(inode)) return undefined
  return {
    state: STATES[fields[3] ?? ''] ?? 'closing',
    localAddress: local.address,
    localPort: local.port,
    remoteAddress: remote.address,
    remotePort: remote.port,
    uid,
    inode,
  }
}

function parseEnd(text: string | undefined): { address: string; port: number } | undefined {
  const match = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(text ?? '')
  if (!match) return undefined
  const [, address = '', port = ''] = match
  return { address: parseAddress(address), port: Number.parseInt(port, 16) }
}

/** The kernel prints each 32-bit word of an address in the byte order of the machine; Linux's usual ones are little-endian. */
function parseAddress(hex: string): string {
  const bytes = Buffer.from(hex, 'hex')
  bytes.swap32()
  return bytes.length === 4 ? bytes.join('.') : ipv6Text(bytes)
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as `::`. */
export function ipv6Text(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(i * 2))
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    const mapped = bytes.subarray(12, 16).join('.')
    if (isIPv4(mapped)) return mapped
  }
  let best = { start: -1, length: 1 }
  for (let start = 0; start < 8; start += 1) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0) length += 1
    if (length > best.length) best = { start, length }
  }
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':')
  if (best.start < 0) return text(0, 8)
  return `${text(0, best.start)}::${text(best.start + best.length, 8)}`
}
