import type { NetworkEvent, ProtocolEvent, ProtocolFacts } from '@vedette/model'
import { networkWords } from '../event/summary.ts'

/** What is worth reading first of each protocol, in the order of reading; the ends and the process stand elsewhere. */
const DETAILS: {
  readonly [Name in keyof ProtocolFacts]: (facts: NonNullable<ProtocolFacts[Name]>) => (string | undefined)[]
} = {
  dns: ({ type, hostname, query_type, rcode, answers }) => [
    `${hostname === '' ? '.' : hostname} ${query_type}`,
    type === 'query' ? undefined : answers?.map(({ rdata }) => rdata).join(', ') || (rcode ?? 'no answer'),
  ],
  tls: ({ sni, version, ja3_hash, ja4, certificate, alert }) => [
    sni,
    version,
    labelled('JA4', ja4),
    labelled('JA3', ja3_hash),
    labelled('certificate', certificate?.subject),
    labelled('alert', alert),
  ],
  quic: ({ sni, quic_version, ja3_hash, ja4 }) => [
    sni,
    `version ${quic_version}`,
    labelled('JA4', ja4),
    labelled('JA3', ja3_hash),
  ],
  http: ({ http_method, hostname, url, code, user_agent }) => [
    [http_method, `${hostname ?? ''}${url ?? ''}`].filter(Boolean).join(' '),
    code?.toString(),
    user_agent,
  ],
  ssh: ({ client, server }) => [
    client?.software_version,
    server && `to ${server.software_version}`,
    labelled('HASSH', client?.hassh),
  ],
  smb: ({ command, share, file, user, status }) => [
    command.replace(/^SMB[12]_COMMAND_/, ''),
    share,
    file,
    user,
    status,
  ],
  dcerpc: ({ command, endpoint, operation, interface_uuid }) => [
    command,
    endpoint,
    operation,
    interface_uuid,
  ],
  rdp: ({ cookie, client_name, selected_protocol, failure }) => [
    cookie,
    client_name,
    selected_protocol,
    failure,
  ],
  smtp: ({ smtp_from, smtp_to, subject, smtp_hello }) => [
    smtp_from === undefined ? smtp_hello : `from ${smtp_from}`,
    smtp_to && `to ${smtp_to.join(', ')}`,
    subject,
  ],
  ftp: ({ command, argument, codes }) => [[command, argument].filter(Boolean).join(' '), codes.join(', ')],
  dhcp: ({ type, hostname, assigned_ip, client_mac }) => [type, hostname, assigned_ip, client_mac],
  kerberos: ({ msg_type, client, service, error }) => [msg_type, client, service, error],
  ldap: ({ operation, name, filter, result }) => [operation, name, filter, result],
}

const DEEDS = {
  open: 'connects',
  accept: 'takes the connection',
  bind: 'takes the port',
  listen: 'listens',
  close: 'closes',
  send: 'sends datagrams',
} as const

const STATES = {
  new: 'flow: nothing came back',
  established: 'flow: goes on',
  active: 'flow: goes on',
  closed: 'flow: closed',
  reset: 'flow: broken off',
  ended: 'flow: ended',
} as const

/** Longer than this nobody reads in a row of a list; the event has all of it. */
const LONGEST = 400

/** What happened on the network, without who and where: `shop.example · TLS 1.3 · JA4 t13d1516h2_…`. */
export function networkDetail(event: NetworkEvent | ProtocolEvent): string {
  const text = event.kind === 'protocol' ? protocolDetail(event) : flowDetail(event)
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
}

function protocolDetail(event: ProtocolEvent): string {
  const parts = partsOf(event.protocol_name, event) ?? []
  return parts.filter((part) => part !== undefined && part !== '').join(' · ')
}

function partsOf<Name extends keyof ProtocolFacts>(
  name: Name,
  facts: ProtocolFacts,
): (string | undefined)[] | undefined {
  const own = facts[name]
  return own === undefined ? undefined : DETAILS[name]?.(own)
}

function flowDetail(event: NetworkEvent): string {
  const { activity, flow, result } = event
  if (activity === 'raw') return networkWords(event)
  if (activity !== 'traffic') {
    return result === undefined ? DEEDS[activity] : `${DEEDS[activity]}: ${result}`
  }
  return flow === undefined ? 'flow' : STATES[flow.state]
}

function labelled(label: string, value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : `${label} ${value}`
}
