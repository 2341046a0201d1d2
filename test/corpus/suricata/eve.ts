import type {
  CertificateFacts,
  DnsFacts,
  DnsRecord,
  FlowRecord,
  HttpFacts,
  PacketRecord,
  ProtocolRecord,
  QuicFacts,
  SshEnd,
  SshFacts,
  TlsFacts,
} from '@vedette/model'
import { daemonsEve } from './eve-of-daemons.ts'

/** A record as Suricata would log it ("EVE JSON Format", Suricata user guide), as far as we know what stands there. */
export type Eve = Readonly<Record<string, unknown>>

/** Kinds of EVE that tell what was said, and not what a rule or Suricata itself makes of it. */
export const comparedKinds: ReadonlySet<string> = new Set([
  'dcerpc',
  'dhcp',
  'dns',
  'fileinfo',
  'flow',
  'ftp',
  'ftp_data',
  'http',
  'krb5',
  'quic',
  'smb',
  'smtp',
  'ssh',
  'tls',
])

/** What Suricata would log for our records. `numbers`: after which packet each was known. */
export function eveOf(records: readonly PacketRecord[], numbers: readonly number[]): Eve[] {
  const logged: Eve[] = []
  const flows = new Map<string, FlowRecord>()
  const transactions = new Map<string, number>()
  const tunnels = new Set<string>()
  const firsts = new Map<string, ProtocolRecord['name']>()
  for (const [at, record] of records.entries()) {
    if (record.type === 'flow') {
      flows.set(record.flow.uid, record)
      continue
    }
    const transaction = transactions.get(record.flowUid) ?? 0
    // What is spoken within a tunnel is counted anew.
    transactions.set(record.flowUid, record.facts.http?.upgrade === undefined ? transaction + 1 : 0)
    if (record.facts.http?.upgrade !== undefined) tunnels.add(record.flowUid)
    if (!firsts.has(record.flowUid)) firsts.set(record.flowUid, record.name)
    const head = {
      ...ends(record),
      proto: record.transport.toUpperCase(),
      pcap_cnt: numbers[at],
      pkt_src: 'wire/pcap',
      tx_id: transaction,
    }
    for (const body of protocolEve(record, transaction)) logged.push({ ...head, ...body })
  }
  for (const record of flows.values())
    logged.push(flowEve(record, firsts.get(record.flow.uid), tunnels.has(record.flow.uid)))
  return logged
}

function ends({ from, to }: PacketRecord): Eve {
  return { src_ip: from.ip, src_port: from.port, dest_ip: to.ip, dest_port: to.port }
}

function flowEve(record: FlowRecord, first: ProtocolRecord['name'] | undefined, isTunnel: boolean): Eve {
  const { state, app } = record.flow
  const over = state === 'closed' || state === 'reset' || state === 'ended'
  return {
    event_type: 'flow',
    ...ends(record),
    proto: record.protocol.toUpperCase(),
    app_proto: app ?? 'failed',
    app_proto_orig: first === app && !isTunnel ? undefined : first,
    flow: { state: over ? 'closed' : state === 'active' ? 'established' : state },
    ...(record.protocol === 'tcp' && {
      tcp: { state: state === 'new' ? 'syn_sent' : over ? 'closed' : state },
    }),
  }
}

function* protocolEve(record: ProtocolRecord, transaction: number): Iterable<Eve> {
  const { dns, http, quic, ssh, tls } = record.facts
  if (dns !== undefined) yield { event_type: 'dns', app_proto: 'dns', dns: dnsEve(dns) }
  if (http !== undefined) yield* httpEve(http)
  if (quic !== undefined) yield { event_type: 'quic', app_proto: 'quic', quic: quicEve(quic) }
  if (ssh !== undefined) yield { event_type: 'ssh', app_proto: 'ssh', ssh: sshEve(ssh) }
  if (tls !== undefined) yield { event_type: 'tls', app_proto: 'tls', tls: tlsEve(tls) }
  yield* daemonsEve(record, transaction)
}

function dnsEve(dns: DnsFacts): Eve {
  return {
    type: dns.type === 'query' ? 'request' : 'response',
    id: dns.transaction_id,
    rcode: dns.rcode,
    rrname: dns.hostname,
    rrtype: dns.query_type,
    queries: [{ rrname: dns.hostname, rrtype: dns.query_type }],
    answers: dns.answers?.map(dnsRecordEve),
    authorities: dns.authorities?.map(dnsRecordEve),
    additionals: dns.additionals?.map(dnsRecordEve),
  }
}

function dnsRecordEve({ name, type, rdata, ttl }: DnsRecord): Eve {
  const [mname, rname, ...numbers] = rdata.split(' ')
  const [serial, refresh, retry, expire, minimum] = numbers.map(Number)
  const bare = (text: string | undefined): string | undefined => text?.replace(/\.$/, '')
  return {
    rrname: name,
    rrtype: type,
    ttl,
    rdata,
    ...(type === 'SOA' && {
      soa: { mname: bare(mname), rname: bare(rname), serial, refresh, retry, expire, minimum },
    }),
  }
}

function* httpEve(facts: HttpFacts): Iterable<Eve> {
  const http = {
    hostname: facts.hostname,
    url: facts.url,
    http_user_agent: facts.user_agent,
    http_method: facts.http_method,
    http_refer: facts.referrer,
    http_content_type: facts.content_type,
    ...(facts.stream_id === undefined
      ? { protocol: facts.version }
      : { version: '2', http2: { stream_id: facts.stream_id } }),
    status: facts.code,
    length: facts.response_length,
    request_headers: facts.request_headers,
    response_headers: facts.response_headers,
  }
  yield { event_type: 'http', app_proto: 'http', http }
  // Bodies are not kept: that there was one, and what its name is, is in the facts.
  if (facts.request_length > 0)
    yield {
      event_type: 'fileinfo',
      app_proto: 'http',
      http,
      fileinfo: { filename: pathOf(facts), size: facts.request_length },
    }
  if (facts.response_length > 0)
    yield { event_type: 'fileinfo', app_proto: 'http', http, fileinfo: bodyEve(facts) }
}

function pathOf({ url }: HttpFacts): string | undefined {
  return url?.replace(/[?#].*$/, '')
}

function bodyEve(facts: HttpFacts): Eve {
  const { response_headers: headers, response_length: size } = facts
  const disposition = headers?.find(({ name }) => name.toLowerCase() === 'content-disposition')?.value
  const given = disposition === undefined ? undefined : /filename="?([^";]+)/i.exec(disposition)?.[1]
  return { filename: given ?? pathOf(facts), size }
}

function quicEve(quic: QuicFacts): Eve {
  return {
    version: quic.quic_version,
    sni: quic.sni,
    ua: quic.user_agent,
    ja4: quic.ja4,
    ja3: quic.ja3_hash === undefined ? undefined : { hash: quic.ja3_hash, string: quic.ja3_string },
    cyu: quic.cyu_hash === undefined ? undefined : [{ hash: quic.cyu_hash, string: quic.cyu_string }],
    extensions: (quic.client_extensions ?? quic.server_extensions)?.map((type) => extensionEve(type, quic)),
  }
}

/** Names that Suricata gives to extensions of a hello, of those that its cases ask for. */
const EXTENSIONS: Readonly<Record<number, string>> = {
  0: 'server_name',
  5: 'status_request',
  10: 'supported_groups',
  11: 'ec_point_formats',
  13: 'signature_algorithms',
  16: 'alpn',
  18: 'signed_certificate_timestamp',
  21: 'padding',
  23: 'extended_master_secret',
  27: 'compress_certificate',
  35: 'session_ticket',
  41: 'pre_shared_key',
  42: 'early_data',
  43: 'supported_versions',
  45: 'psk_key_exchange_modes',
  51: 'key_share',
  57: 'quic_transport_parameters',
  65281: 'renegotiation_info',
}

function extensionEve(type: number, { sni, client_alpns: alpns }: QuicFacts): Eve {
  const values = type === 0 && sni !== undefined ? [sni] : type === 16 ? alpns : undefined
  return { type, name: EXTENSIONS[type], values }
}

function sshEve({ client, server }: SshFacts): Eve {
  const end = (facts: SshEnd | undefined): Eve | undefined =>
    facts === undefined
      ? undefined
      : {
          proto_version: facts.protocol_version,
          software_version: facts.software_version,
          hassh:
            facts.hassh === undefined ? undefined : { hash: facts.hassh, string: facts.hassh_algorithms },
        }
  return { client: end(client), server: end(server) }
}

function tlsEve(tls: TlsFacts): Eve {
  const { certificate, client_certificate: own } = tls
  return {
    ...(certificate !== undefined && certificateEve(certificate)),
    certificate: tls.certificate_chain?.[0],
    chain: tls.certificate_chain,
    client:
      own === undefined
        ? undefined
        : { ...certificateEve(own), certificate: own.sha256, chain: [own.sha256] },
    version: tlsVersion(tls.version),
    sni: tls.sni,
    session_resumed: tls.session_resumed,
    ja3: tls.ja3_hash === undefined ? undefined : { hash: tls.ja3_hash, string: tls.ja3_string },
    ja3s: tls.ja3s_hash === undefined ? undefined : { hash: tls.ja3s_hash, string: tls.ja3s_string },
    ja4: tls.ja4,
    client_alpns: tls.client_alpns,
    server_alpns: tls.server_alpn === undefined ? undefined : [tls.server_alpn],
    client_handshake:
      tls.client_ciphers === undefined
        ? undefined
        : {
            version: tlsVersion(tls.version),
            ciphers: tls.client_ciphers,
            exts: tls.client_extensions,
            sig_algs: tls.client_signature_algorithms,
          },
  }
}

/** Suricata's names of versions. */
function tlsVersion(version: string | undefined): string | undefined {
  if (version === 'TLS 1.0') return 'TLSv1'
  return version
}

function certificateEve(certificate: CertificateFacts): Eve {
  const time = (ms: number | undefined): string | undefined =>
    ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 19)
  return {
    subject: certificate.subject,
    issuerdn: certificate.issuer,
    serial: certificate.serial_number,
    fingerprint: certificate.sha1.match(/../g)?.join(':'),
    notbefore: time(certificate.created_time),
    notafter: time(certificate.expiration_time),
    subjectaltname: certificate.sans,
  }
}
