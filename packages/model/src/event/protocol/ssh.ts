import { z } from 'zod'

/** How one end of an SSH connection shows itself (RFC 4253, 4.2 and 7.1). */
export interface SshEnd {
  /** `2.0`, `1.99`, `1.5`. OCSF `protocol_ver`. */
  readonly protocol_version: string
  /** `OpenSSH_9.2p1`, ... */
  readonly software_version: string
  /** What stands after the software, such as `Debian-2+deb12u3`. */
  readonly comments?: string
  /** MD5 of `hassh_algorithms` (github.com/salesforce/hassh). OCSF `client_hassh`, `server_hassh`. */
  readonly hassh?: string
  /** Lists of key exchange, encryption, MAC and compression, with semicolons between them. */
  readonly hassh_algorithms?: string
}

/** An SSH connection: the part of it that is not encrypted. OCSF class SSH Activity. One for each connection. */
export interface SshFacts {
  readonly client?: SshEnd
  readonly server?: SshEnd
  /** Kinds of host key that the server can show. */
  readonly host_key_algorithms?: readonly string[]
  /** Both ends went on with keys of their own: the handshake was done. */
  readonly established: boolean
}

const endSchema = z.object({
  protocol_version: z.string().max(256),
  software_version: z.string().max(256),
  comments: z.string().max(256).optional(),
  hassh: z.string().max(32).optional(),
  hassh_algorithms: z.string().max(16_384).optional(),
})

export const sshFactsSchema = z.object({
  client: endSchema.optional(),
  server: endSchema.optional(),
  host_key_algorithms: z.array(z.string().max(256)).max(64).optional(),
  established: z.boolean(),
})
