import { dnsParser } from '@vedette/formats/dns'
import type { DnsFacts, KernelProtocolRecord } from '@vedette/model'
import { addressText } from '../address.ts'
import { actor, type Chunk, type DecodeContext } from './chunk.ts'

/** As in bpf/datagrams.bpf.h. */
const layout = {
  familyByte: 24,
  lengthByte: 26,
  localPortByte: 28,
  remotePortByte: 30,
  localByte: 32,
  remoteByte: 48,
  dataByte: 72,
} as const

const AF_INET = 2

/** What was sent to a port of the DNS and is none of its messages. */
const unreadable: DnsFacts = {
  type: 'query',
  transaction_id: 0,
  hostname: '',
  query_type: '',
  query_class: '',
  opcode: '',
  flags: [],
  anomalies: ['malformed'],
}

/** A datagram to a name server: the first question of it, or what it answers to neighbours. */
export function decodeDns(chunk: Chunk, at: number, context: DecodeContext): KernelProtocolRecord {
  const { halves, bytes } = chunk
  const byte = at * 4
  const isIpv4 = halves[(byte + layout.familyByte) >> 1] === AF_INET
  const length = halves[(byte + layout.lengthByte) >> 1] as number
  const from = {
    ip: addressText(bytes, byte + layout.localByte, isIpv4),
    port: halves[(byte + layout.localPortByte) >> 1] as number,
  }
  const to = {
    ip: addressText(bytes, byte + layout.remoteByte, isIpv4),
    port: bytes.readUInt16BE(byte + layout.remotePortByte),
  }
  const timeMs = context.time(chunk, at)
  let dns: DnsFacts | undefined
  const session = dnsParser.open({ transport: 'udp', clientPort: from.port, serverPort: to.port })
  const data = bytes.subarray(byte + layout.dataByte, byte + layout.dataByte + length)
  session.push('client', data, timeMs, (_, facts) => {
    dns ??= facts.dns
  })
  return {
    source: 'ebpf',
    type: 'protocol',
    timeMs,
    process: actor(chunk, at),
    transport: 'udp',
    from,
    to,
    name: 'dns',
    facts: { dns: dns ?? unreadable },
  }
}
