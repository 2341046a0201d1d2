import type { Endpoint, FlowRecord, Process, ProtocolFacts, ProtocolEvent } from '@vedette/model'
import { addressOf, nameOf } from '../kernel/words.ts'
import { officeSentences } from './office-words.ts'
import { quoted } from './quoted.ts'

function placeOf(end: Endpoint): string {
  return end.port === 0 ? end.ip : addressOf(end)
}

export function flowMessage(record: FlowRecord, process: Process | undefined): string {
  const { flow, protocol } = record
  const { bytesOut, bytesIn } = record.total ?? record
  const what = flow.app ?? protocol
  const sum = `${bytesText(bytesOut)} there, ${bytesText(bytesIn)} back`
  const ends = `${placeOf(record.from)} to ${placeOf(record.to)}`
  const by = process === undefined ? '' : ` by ${nameOf(process)}`
  switch (flow.state) {
    case 'new':
      return `${ends}${by}: nothing came back (${what})`
    case 'reset':
      return `${ends}${by}: ${what}, broken off, ${sum}`
    case 'active':
    case 'established':
      return `${ends}${by}: ${what}, goes on, ${sum}`
    default:
      return `${ends}${by}: ${what}, ${sum}`
  }
}

/** `512 B`, `1.5 KiB`, `12 MiB`. */
function bytesText(bytes: number): string {
  let value = bytes
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (value < 1024) return `${value < 10 && unit !== 'B' ? value.toFixed(1) : Math.round(value)} ${unit}`
    value /= 1024
  }
  return `${value.toFixed(1)} TiB`
}

/** One sentence of each protocol for people; those that are not here are told by their name alone. */
const SENTENCES: {
  readonly [Name in keyof ProtocolFacts]: (
    facts: NonNullable<ProtocolFacts[Name]>,
    client: string,
    server: string,
  ) => string
} = {
  ...officeSentences,
  dns: ({ type, hostname, query_type, rcode, answers }, client, server) => {
    const question = `${quoted(hostname === '' ? '.' : hostname)} (${query_type})`
    if (type === 'query') return `${client} asked ${server} for ${question}`
    const told = answers?.map(({ rdata }) => quoted(rdata)).slice(0, 3) ?? []
    const answer = told.length > 0 ? told.join(', ') : (rcode ?? 'nothing')
    return `${server} told ${client} of ${question}: ${answer}`
  },
  http: ({ http_method, hostname, url, code }, client, server) =>
    `${client} sent ${quoted(http_method ?? 'a request')} ${quoted(`${hostname ?? ''}${url ?? ''}`)} to ${server}${
      code === undefined ? '' : `: ${code}`
    }`,
  tls: ({ sni, version, established }, client, server) =>
    `${client} ${established ? 'spoke' : 'tried'} ${version ?? 'TLS'} with ${sni === undefined ? server : `${quoted(sni)} (${server})`}`,
  quic: ({ sni }, client, server) =>
    `${client} spoke QUIC with ${sni === undefined ? server : `${quoted(sni)} (${server})`}`,
  ssh: ({ client: mine, server: theirs }, client, server) =>
    `${client}${mine === undefined ? '' : ` (${quoted(mine.software_version)})`} opened SSH to ${server}${
      theirs === undefined ? '' : ` (${quoted(theirs.software_version)})`
    }`,
}

/**
 * What was said, in a sentence for people.
 *
 * @param ours at which end its process is
 */
export function protocolMessage(event: ProtocolEvent, ours: 'from' | 'to'): string {
  const { process, protocol_name: name } = event
  const [from, to] = [placeOf(event.src_endpoint), placeOf(event.dst_endpoint)]
  const client = process !== undefined && ours === 'from' ? nameOf(process) : from
  const server = process !== undefined && ours === 'to' ? `${nameOf(process)} (${to})` : to
  return sentence(name, event, client, server) ?? `${client} spoke ${name} with ${server}`
}

function sentence<Name extends keyof ProtocolFacts>(
  name: Name,
  facts: ProtocolFacts,
  client: string,
  server: string,
): string | undefined {
  const own = facts[name]
  return own === undefined ? undefined : SENTENCES[name]?.(own, client, server)
}
