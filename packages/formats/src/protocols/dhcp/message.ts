import type { DhcpFacts } from '@vedette/model'
import { latin1 } from '../bytes/text.ts'

/** RFC 2131, 3: options begin with this. */
const MAGIC = [0x63, 0x82, 0x53, 0x63]
const OPTIONS_AT = 240
const MOST_ADDRESSES = 16
const MOST_ROUTES = 32

/** Option 53 (RFC 2132, 9.6), and RFC 4388. */
const TYPES = [
  'bootp',
  'discover',
  'offer',
  'request',
  'decline',
  'ack',
  'nak',
  'release',
  'inform',
  'force_renew',
  'lease_query',
  'lease_unassigned',
  'lease_unknown',
  'lease_active',
]

export function looksLikeDhcp(bytes: Uint8Array): boolean {
  return (
    bytes.length >= OPTIONS_AT &&
    (bytes[0] === 1 || bytes[0] === 2) &&
    (bytes[2] ?? 99) <= 16 &&
    MAGIC.every((byte, at) => bytes[236 + at] === byte)
  )
}

/** Reads a message; undefined where it is none. */
export function readDhcp(bytes: Uint8Array): DhcpFacts | undefined {
  if (!looksLikeDhcp(bytes)) return undefined
  const options = readOptions(bytes)
  const type = options.get(53)?.[0] ?? 0
  const routes = options.get(121) ?? options.get(249)
  const parameters = options.get(55)
  const lease = options.get(51)
  // Overloaded fields hold options (RFC 2132, 9.3).
  const hasFile = ((options.get(52)?.[0] ?? 0) & 1) === 0
  return {
    type: TYPES[type] ?? String(type),
    sender: bytes[0] === 1 ? 'client' : 'server',
    transaction_id: u32(bytes, 4),
    client_mac: [...bytes.subarray(28, 28 + Math.min(16, bytes[2] ?? 6))]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join(':'),
    ...given('hostname', textOf(options.get(12)) ?? nameOf(options.get(81))),
    ...given('client_ip', address(bytes, 12)),
    ...given('requested_ip', address(options.get(50), 0)),
    ...given('assigned_ip', address(bytes, 16)),
    ...given('next_server_ip', address(bytes, 20)),
    ...given('relay_ip', address(bytes, 24)),
    ...given('lease_time', lease !== undefined && lease.length >= 4 ? u32(lease, 0) : undefined),
    ...given('server_ip', address(options.get(54), 0)),
    ...given('subnet_mask', address(options.get(1), 0)),
    ...given('routers', addresses(options.get(3))),
    ...given('dns_servers', addresses(options.get(6))),
    ...given('domain', textOf(options.get(15))),
    ...given('proxy_url', textOf(options.get(252))),
    ...given('static_routes', routes === undefined ? undefined : routesOf(routes)),
    ...given('vendor_class', textOf(options.get(60))),
    ...given('parameters', parameters === undefined ? undefined : [...parameters].slice(0, 255)),
    ...given(
      'boot_file',
      textOf(options.get(67)) ?? (hasFile ? textOf(bytes.subarray(108, 236)) : undefined),
    ),
    ...given('message', textOf(options.get(56))),
  }
}

function given<Name extends keyof DhcpFacts>(
  name: Name,
  value: DhcpFacts[Name] | undefined,
): Partial<DhcpFacts> {
  return value === undefined ? {} : { [name]: value }
}

/** Options by number, also those in the fields for names; parts of one are put together (RFC 3396). */
function readOptions(bytes: Uint8Array): Map<number, Uint8Array> {
  const options = new Map<number, Uint8Array>()
  take(bytes.subarray(OPTIONS_AT), options)
  const overload = options.get(52)?.[0] ?? 0
  if ((overload & 1) !== 0) take(bytes.subarray(108, 236), options)
  if ((overload & 2) !== 0) take(bytes.subarray(44, 108), options)
  return options
}

function take(bytes: Uint8Array, options: Map<number, Uint8Array>): void {
  let at = 0
  while (at < bytes.length) {
    const code = bytes[at] ?? 255
    if (code === 255) return
    if (code === 0) {
      at += 1
      continue
    }
    const length = bytes[at + 1] ?? 0
    const value = bytes.subarray(at + 2, at + 2 + length)
    const before = options.get(code)
    if (before === undefined) options.set(code, value)
    else if (before.length + value.length <= 1024) options.set(code, Buffer.concat([before, value]))
    at += 2 + length
  }
}

function u32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  )
}

/** Undefined also of 0.0.0.0: no address. */
function address(bytes: Uint8Array | undefined, at: number): string | undefined {
  if (bytes === undefined || bytes.length < at + 4 || u32(bytes, at) === 0) return undefined
  return bytes.subarray(at, at + 4).join('.')
}

function addresses(bytes: Uint8Array | undefined): string[] | undefined {
  if (bytes === undefined) return undefined
  const count = Math.min(MOST_ADDRESSES, bytes.length >> 2)
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * 4, at * 4 + 4).join('.'))
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined
  const end = bytes.indexOf(0)
  const text = latin1(end < 0 ? bytes : bytes.subarray(0, end))
  return text === '' ? undefined : text
}

/** Option 81 (RFC 4702): flags, two codes, and the name as text or as the DNS has it. */
function nameOf(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined || bytes.length < 4) return undefined
  const rest = bytes.subarray(3)
  if (((bytes[0] ?? 0) & 4) === 0) return textOf(rest)
  const labels: string[] = []
  for (let at = 0; at < rest.length && (rest[at] ?? 0) > 0; at += 1 + (rest[at] ?? 0))
    labels.push(latin1(rest.subarray(at + 1, at + 1 + (rest[at] ?? 0))))
  return labels.length === 0 ? undefined : labels.join('.')
}

/** Option 121 (RFC 3442): width of the network, those of its bytes that count, and the router. */
function routesOf(bytes: Uint8Array): string[] {
  const routes: string[] = []
  let at = 0
  while (at < bytes.length && routes.length < MOST_ROUTES) {
    const width = bytes[at] ?? 0
    const length = Math.ceil(width / 8)
    if (width > 32 || at + 1 + length + 4 > bytes.length) break
    const network = [0, 1, 2, 3].map((part) => (part < length ? (bytes[at + 1 + part] ?? 0) : 0)).join('.')
    routes.push(`${network}/${width} via ${bytes.subarray(at + 1 + length, at + 5 + length).join('.')}`)
    at += 5 + length
  }
  return routes
}
