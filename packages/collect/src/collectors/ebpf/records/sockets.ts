import type { SocketEnd, SocketRecord } from '@vedette/model'
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
} as const

const AF_INET = 2
const IPPROTO_UDP = 17

/** The decoder of one type of record about a socket. */
export function decodeSocket(type: SocketRecord['type']): DecodeRecord {
  return (chunk, at, context) => decode(chunk, at, type, context)
}

function decode(chunk: Chunk, at: number, type: SocketRecord['type'], context: DecodeContext): SocketRecord {
  const { halves, words } = chunk
  const byte = at * 4
  const family = halves[(byte + socketLayout.familyByte) >> 1] as number
  const protocol = halves[(byte + socketLayout.protocolByte) >> 1] === IPPROTO_UDP ? 'udp' : 'tcp'
  const timeMs = context.time(chunk, at)
  const process = actor(chunk, at)
  const local: SocketEnd = {
    address: addressText(chunk.bytes, byte + socketLayout.localByte, family === AF_INET),
    port: halves[(byte + socketLayout.localPortByte) >> 1] as number,
  }
  if (type === 'listen') return { source: 'ebpf', type, timeMs, process, protocol, local }
  const remote: SocketEnd = {
    address: addressText(chunk.bytes, byte + socketLayout.remoteByte, family === AF_INET),
    port: chunk.bytes.readUInt16BE(byte + socketLayout.remotePortByte),
  }
  if (type !== 'close') return { source: 'ebpf', type, timeMs, process, protocol, local, remote }
  const bytesIn = u64(words, at + socketLayout.bytesIn)
  const bytesOut = u64(words, at + socketLayout.bytesOut)
  return { source: 'ebpf', type, timeMs, process, protocol, local, remote, bytesIn, bytesOut }
}
