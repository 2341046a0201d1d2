import { getSystemErrorName } from 'node:util'
import type { NetworkEvent, SocketEnd, SocketRecord } from '@vedette/model'
import { addressText } from '../address.ts'
import { actor, type Chunk, type DecodeContext, type DecodeRecord, u64 } from './chunk.ts'

/** As in bpf/sockets.bpf.h. */
export const socketLayout = {
  familyByte: 24,
  protocolByte: 26,
  localPortByte: 28,
  remotePortByte: 30,
  bytesIn: 8,
  bytesOut: 10,
  localByte: 48,
  remoteByte: 64,
  error: 20,
} as const

const AF_INET = 2
/** Numbers of IP protocols as Events name them (IANA protocol-numbers). */
const protocols: Readonly<Record<number, NetworkEvent['protocol']>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  58: 'icmp6',
  132: 'sctp',
  255: 'raw',
}

/** The decoder of one type of record about a socket. */
export function decodeSocket(type: SocketRecord['type']): DecodeRecord {
  return (chunk, at, context) => decode(chunk, at, type, context)
}

function decode(chunk: Chunk, at: number, type: SocketRecord['type'], context: DecodeContext): SocketRecord {
  const { halves, words } = chunk
  const byte = at * 4
  const family = halves[(byte + socketLayout.familyByte) >> 1] as number
  const number = halves[(byte + socketLayout.protocolByte) >> 1] as number
  const protocol = number === 0 ? 'tcp' : (protocols[number] ?? 'other')
  const timeMs = context.time(chunk, at)
  const process = actor(chunk, at)
  const local: SocketEnd = {
    address: addressText(chunk.bytes, byte + socketLayout.localByte, family === AF_INET),
    port: halves[(byte + socketLayout.localPortByte) >> 1] as number,
  }
  if (type === 'listen' || type === 'bind') return { source: 'ebpf', type, timeMs, process, protocol, local }
  const remote: SocketEnd = {
    address: addressText(chunk.bytes, byte + socketLayout.remoteByte, family === AF_INET),
    port: chunk.bytes.readUInt16BE(byte + socketLayout.remotePortByte),
  }
  const error = words[at + socketLayout.error] as number
  const result = error === 0 ? undefined : { result: errorName(error) }
  if (type !== 'close' && type !== 'send')
    return { source: 'ebpf', type, timeMs, process, protocol, local, remote, ...result }
  const bytesIn = u64(words, at + socketLayout.bytesIn)
  const bytesOut = u64(words, at + socketLayout.bytesOut)
  const base = { source: 'ebpf', type, timeMs, process, protocol, local, remote, bytesOut } as const
  return type === 'send' ? { ...base, bytesIn: 0, datagrams: bytesIn } : { ...base, bytesIn, ...result }
}

/** The name of an error, such as `ECONNREFUSED`. */
export function errorName(number: number): string {
  return getSystemErrorName(-number)
}
