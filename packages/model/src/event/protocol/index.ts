import { z } from 'zod'
import { eventBaseSchema, type EventBase } from '../base.ts'
import { endpointSchema, type Endpoint, type Process, processSchema } from '../objects.ts'
import { type DceRpcFacts, dceRpcFactsSchema } from './dcerpc.ts'
import { type DhcpFacts, dhcpFactsSchema } from './dhcp.ts'
import { type DnsFacts, dnsFactsSchema } from './dns.ts'
import { type FtpFacts, ftpFactsSchema } from './ftp.ts'
import { type HttpFacts, httpFactsSchema } from './http.ts'
import { type KerberosFacts, kerberosFactsSchema } from './kerberos.ts'
import { type LdapFacts, ldapFactsSchema } from './ldap.ts'
import { type QuicFacts, quicFactsSchema } from './quic.ts'
import { type RdpFacts, rdpFactsSchema } from './rdp.ts'
import { type SmbFacts, smbFactsSchema } from './smb.ts'
import { type SmtpFacts, smtpFactsSchema } from './smtp.ts'
import { type SshFacts, sshFactsSchema } from './ssh.ts'
import { type TlsFacts, tlsFactsSchema } from './tls.ts'

/** Application protocols that are understood. One is a file here, and a line in each of the three lists. */
export interface ProtocolFacts {
  readonly dcerpc?: DceRpcFacts
  readonly dhcp?: DhcpFacts
  readonly dns?: DnsFacts
  readonly ftp?: FtpFacts
  readonly http?: HttpFacts
  readonly kerberos?: KerberosFacts
  readonly ldap?: LdapFacts
  readonly quic?: QuicFacts
  readonly rdp?: RdpFacts
  readonly smb?: SmbFacts
  readonly smtp?: SmtpFacts
  readonly ssh?: SshFacts
  readonly tls?: TlsFacts
}

const factsShape = {
  dcerpc: dceRpcFactsSchema.optional(),
  dhcp: dhcpFactsSchema.optional(),
  dns: dnsFactsSchema.optional(),
  ftp: ftpFactsSchema.optional(),
  http: httpFactsSchema.optional(),
  kerberos: kerberosFactsSchema.optional(),
  ldap: ldapFactsSchema.optional(),
  quic: quicFactsSchema.optional(),
  rdp: rdpFactsSchema.optional(),
  smb: smbFactsSchema.optional(),
  smtp: smtpFactsSchema.optional(),
  ssh: sshFactsSchema.optional(),
  tls: tlsFactsSchema.optional(),
}

/** OCSF class of each protocol's activity; Network Activity (4001) where it has none of its own. */
const protocolClasses = {
  dcerpc: 4001,
  dhcp: 4004,
  dns: 4003,
  ftp: 4008,
  http: 4002,
  kerberos: 4001,
  ldap: 4001,
  quic: 4001,
  rdp: 4005,
  smb: 4006,
  smtp: 4009,
  ssh: 4007,
  tls: 4001,
} as const satisfies Readonly<Record<ProtocolName, ProtocolClass>>

/** Network, HTTP, DNS, DHCP, RDP, SMB, SSH, FTP, Email. */
const classes = [4001, 4002, 4003, 4004, 4005, 4006, 4007, 4008, 4009] as const

type ProtocolClass = (typeof classes)[number]

export type ProtocolName = keyof ProtocolFacts

export const protocolNames = Object.keys(protocolClasses) as [ProtocolName, ...ProtocolName[]]

export function protocolClass(name: ProtocolName): ProtocolClass {
  return protocolClasses[name]
}

/** What was said on a connection, as far as its protocol was understood: one for each exchange that the protocol knows. */
export interface ProtocolEvent extends EventBase, ProtocolFacts {
  readonly kind: 'protocol'
  readonly class_uid: ProtocolClass
  /** Which of the facts are there. */
  readonly protocol_name: ProtocolName
  readonly transport: 'tcp' | 'udp'
  /** Who opened the connection. */
  readonly src_endpoint: Endpoint
  readonly dst_endpoint: Endpoint
  /** The flow that it was seen in: as `NetworkEvent.flow.uid`. Left out where the kernel told of it, and no packet. */
  readonly flow_uid?: string
  /** The process on this host, where it is known. */
  readonly process?: Process
}

export const protocolEventSchema = eventBaseSchema.extend({
  kind: z.literal('protocol'),
  class_uid: z.literal(classes),
  protocol_name: z.enum(protocolNames),
  transport: z.enum(['tcp', 'udp']),
  src_endpoint: endpointSchema,
  dst_endpoint: endpointSchema,
  flow_uid: z.string().max(64).optional(),
  process: processSchema.optional(),
  ...factsShape,
})
