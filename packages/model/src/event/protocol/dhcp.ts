import { z } from 'zod'

/** A message of DHCP (RFC 2131, 2132). OCSF DHCP Activity. */
export interface DhcpFacts {
  /** `discover`, `offer`, `request`, `decline`, `ack`, `nak`, `release`, `inform`; `bootp` where it does not say. */
  readonly type: string
  /** Who sent it. */
  readonly sender: 'client' | 'server'
  /** OCSF `transaction_uid`. */
  readonly transaction_id: number
  /** Of the client, as `aa:bb:cc:dd:ee:ff`. */
  readonly client_mac: string
  /** What the client calls itself. */
  readonly hostname?: string
  /** Addresses: which the client has, wants, and is given. */
  readonly client_ip?: string
  readonly requested_ip?: string
  readonly assigned_ip?: string
  /** Whence a system is loaded, and from which relay the message comes. OCSF `relay`. */
  readonly next_server_ip?: string
  readonly relay_ip?: string
  /** Seconds. OCSF `lease_dur`. */
  readonly lease_time?: number
  /** The server that is meant, or speaks. */
  readonly server_ip?: string
  readonly subnet_mask?: string
  readonly routers?: readonly string[]
  readonly dns_servers?: readonly string[]
  readonly domain?: string
  /** Where a proxy's configuration lies (option 252). */
  readonly proxy_url?: string
  /** Routes that the client is told to take: `192.0.2.0/24 via 198.51.100.1` (RFC 3442). */
  readonly static_routes?: readonly string[]
  readonly vendor_class?: string
  /** What the client asks for, by number and in its order: tells kinds of device apart. */
  readonly parameters?: readonly number[]
  readonly boot_file?: string
  readonly message?: string
}

const text = z.string().max(1024)
const ip = z.string().max(45)

export const dhcpFactsSchema = z.object({
  type: z.string().max(32),
  sender: z.enum(['client', 'server']),
  transaction_id: z.int().min(0).max(0xffff_ffff),
  client_mac: z.string().max(64),
  hostname: text.optional(),
  client_ip: ip.optional(),
  requested_ip: ip.optional(),
  assigned_ip: ip.optional(),
  next_server_ip: ip.optional(),
  relay_ip: ip.optional(),
  lease_time: z.number().nonnegative().optional(),
  server_ip: ip.optional(),
  subnet_mask: ip.optional(),
  routers: z.array(ip).max(16).optional(),
  dns_servers: z.array(ip).max(16).optional(),
  domain: text.optional(),
  proxy_url: text.optional(),
  static_routes: z.array(z.string().max(64)).max(32).optional(),
  vendor_class: text.optional(),
  parameters: z.array(z.int().min(0).max(255)).max(255).optional(),
  boot_file: text.optional(),
  message: text.optional(),
})
