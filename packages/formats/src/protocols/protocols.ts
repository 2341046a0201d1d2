import { dceRpcParser } from './dcerpc/index.ts'
import { dhcpParser } from './dhcp/index.ts'
import { dnsParser } from './dns/index.ts'
import { ftpParser } from './ftp/index.ts'
import { httpParser } from './http/index.ts'
import { http2Parser } from './http2/index.ts'
import { kerberosParser } from './kerberos/index.ts'
import { ldapParser } from './ldap/index.ts'
import type { ProtocolParser } from './protocol-parser.ts'
import { quicParser } from './quic/index.ts'
import { rdpParser } from './rdp/index.ts'
import { smbParser } from './smb/index.ts'
import { smtpParser } from './smtp/index.ts'
import { sshParser } from './ssh/index.ts'
import { tlsParser } from './tls/index.ts'

/** Every protocol that is recognised, the most telling first. A new one is a folder and a line here. */
export const protocols: readonly ProtocolParser[] = [
  sshParser,
  tlsParser,
  quicParser,
  httpParser,
  http2Parser,
  dnsParser,
  smbParser,
  kerberosParser,
  ldapParser,
  dceRpcParser,
  dhcpParser,
  rdpParser,
  smtpParser,
  ftpParser,
]
