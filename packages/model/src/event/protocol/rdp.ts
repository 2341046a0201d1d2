import { z } from 'zod'

/** The beginning of a remote desktop connection (MS-RDPBCGR), up to where it is encrypted. OCSF RDP Activity. */
export interface RdpFacts {
  /** The user name that the client routes itself by: `mstshash` of its first message, at most nine characters. */
  readonly cookie?: string
  /** How the client could protect the connection: `ssl`, `hybrid` (NLA), `rdstls`, `hybrid_ex`; none for RDP's own way. */
  readonly requested_protocols: readonly string[]
  /** What the server chose: one of these, or `rdp`. */
  readonly selected_protocol?: string
  /** Why the server refused. */
  readonly failure?: string
  /** Without TLS the client tells of itself. */
  readonly client_name?: string
  /** `RDP 10.7`, ... */
  readonly client_version?: string
  readonly client_build?: number
  /** Hex digits of the layout: `00000409`. */
  readonly keyboard_layout?: string
  readonly desktop?: { readonly width: number; readonly height: number }
  /** Channels that it wants besides the screen: `rdpdr`, `cliprdr`, ... */
  readonly channels?: readonly string[]
}

export const rdpFactsSchema = z.object({
  cookie: z.string().max(256).optional(),
  requested_protocols: z.array(z.string().max(16)).max(8),
  selected_protocol: z.string().max(16).optional(),
  failure: z.string().max(64).optional(),
  client_name: z.string().max(64).optional(),
  client_version: z.string().max(32).optional(),
  client_build: z.int().min(0).max(0xffff_ffff).optional(),
  keyboard_layout: z.string().max(8).optional(),
  desktop: z.object({ width: z.int().min(0).max(65_535), height: z.int().min(0).max(65_535) }).optional(),
  channels: z.array(z.string().max(8)).max(32).optional(),
})
