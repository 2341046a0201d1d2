import { readFileSync } from 'node:fs'
import { CaptureInspector } from '@vedette/formats/flows'
import type { Case, Filter } from './cases.ts'
import { comparedKinds, type Eve, eveOf } from './eve.ts'
import { matches } from './match.ts'

/** One check of a case that is about what was said on the network. */
export interface Compared {
  /** Its place among the checks with a filter, from 1 on; protocols that alerts need come after these. */
  readonly number: number
  readonly filter: Filter
  readonly found: number
}

/** Suricata's names of protocols that are claimed, and ours. */
const PROTOCOLS: Readonly<Record<string, string>> = {
  dcerpc: 'dcerpc',
  dhcp: 'dhcp',
  dns: 'dns',
  ftp: 'ftp',
  http: 'http',
  http1: 'http',
  http2: 'http',
  krb5: 'kerberos',
  ldap: 'ldap',
  quic: 'quic',
  rdp: 'rdp',
  smb: 'smb',
  smtp: 'smtp',
  ssh: 'ssh',
  tls: 'tls',
}

export interface Comparison {
  readonly name: string
  /** Protocols that our parsers recognised in the capture, in the order of the alphabet. */
  readonly recognised: readonly string[]
  /** Checks that were compared. */
  readonly compared: readonly Compared[]
  /** Kinds of the checks that are not about what was said, in the order of the alphabet; `no capture` where it is not there. */
  readonly apart: readonly string[]
  /** Flows in which a parser threw. */
  readonly failed: number
}

/** Runs the capture of a case through flows and parsers, and its checks over what they tell. */
export function compareCase(given: Case): Comparison {
  const about = (filter: Filter): boolean =>
    !filter.isOld && comparedKinds.has(String(filter.match['event_type']))
  const apart = new Set<string>(given.others)
  for (const filter of given.filters)
    if (!about(filter)) apart.add(filter.isOld ? 'older release' : kindOf(filter))
  if (given.capture === undefined) {
    return {
      name: given.name,
      recognised: [],
      compared: [],
      apart: ['no capture', ...apart].sort(),
      failed: 0,
    }
  }
  const { logged, failed } = readCapture(given.capture)
  const recognised = new Set<string>()
  for (const { event_type: type, app_proto: app, app_proto_orig: first } of logged)
    if (type === 'flow')
      for (const protocol of [app, first])
        if (typeof protocol === 'string' && protocol !== 'failed') recognised.add(protocol)
  const compared = given.filters.flatMap((filter, at): Compared[] =>
    about(filter)
      ? [{ number: at + 1, filter, found: logged.filter((record) => matches(record, filter.match)).length }]
      : [],
  )
  for (const protocol of given.spoken) {
    const name = PROTOCOLS[protocol]
    if (name === undefined) continue
    const filter = { count: 1, match: { 'protocol of an alert': protocol }, isOld: false }
    compared.push({
      number: given.filters.length + 1 + given.spoken.indexOf(protocol),
      filter,
      found: recognised.has(name) ? 1 : 0,
    })
  }
  return {
    name: given.name,
    recognised: [...recognised].sort(),
    compared,
    apart: [...apart].sort(),
    failed,
  }
}

function kindOf({ match }: Filter): string {
  const type = match['event_type']
  if (typeof type === 'string') return type
  return Object.keys(match).some((key) => key.startsWith('alert.')) ? 'alert' : 'log'
}

const read = new Map<string, { readonly logged: readonly Eve[]; readonly failed: number }>()

/** What a capture tells, as EVE; several cases look at one capture. */
export function readCapture(path: string): { readonly logged: readonly Eve[]; readonly failed: number } {
  const known = read.get(path)
  if (known !== undefined) return known
  const inspector = new CaptureInspector()
  const [first, last] = [inspector.push(readFileSync(path)), inspector.end()]
  const found = {
    logged: eveOf([...first.records, ...last.records], [...first.numbers, ...last.numbers]),
    failed: inspector.counters().failed,
  }
  read.set(path, found)
  return found
}
