import { z } from 'zod'
import { type DceRpcFacts, dceRpcFactsSchema } from './dcerpc.ts'

/** A request of SMB and its answer; of many reads or writes of one file the first. OCSF SMB Activity. */
export interface SmbFacts {
  /** `SMB2_COMMAND_CREATE`, `SMB1_COMMAND_WRITE_ANDX`, ... OCSF `command`. */
  readonly command: string
  /** `NT LM 0.12`, `2.02`, `2.10`, `3.00`, `3.1.1`, ... OCSF `dialect`, `client_dialects`. */
  readonly dialect?: string
  readonly client_dialects?: readonly string[]
  /** `STATUS_SUCCESS`, ..., or `0xc0000022`; absent where no answer was seen. */
  readonly status?: string
  readonly status_code?: number
  /** Hex digits. */
  readonly session_uid: string
  /** OCSF `tree_uid`. */
  readonly tree_uid: number
  /** What is connected, or what the file is in. OCSF `share`, `share_type`. */
  readonly share?: string
  readonly share_type?: 'disk' | 'pipe' | 'print'
  /** Who logs on: as the client says (NTLM). */
  readonly user?: string
  readonly domain?: string
  readonly hostname?: string
  /** Of the client's Windows, as NTLM tells it: `10.0 build 17763 rev 15`. */
  readonly ntlm_version?: string
  /** How it logs on. */
  readonly auth?: 'ntlm' | 'kerberos'
  /** Path within the share, or the name of a pipe. OCSF `file.path`. */
  readonly file?: string
  /** Names it as long as it is open: hex digits. */
  readonly file_uid?: string
  /** `FILE_OPEN`, `FILE_CREATE`, `FILE_OVERWRITE_IF`, ... OCSF `open_type`. */
  readonly open_type?: string
  readonly delete_on_close?: boolean
  readonly size?: number
  /** Milliseconds since the epoch. */
  readonly created_time?: number
  readonly accessed_time?: number
  readonly modified_time?: number
  readonly changed_time?: number
  /** The name that a file is given. */
  readonly renamed_to?: string
  /** It is to be deleted, by SET_INFO. */
  readonly deleted?: boolean
  /** Of SMB 1, as both ends name themselves. */
  readonly client_os?: string
  readonly client_lan_manager?: string
  readonly server_os?: string
  readonly server_lan_manager?: string
  readonly server_guid?: string
  readonly dce_rpc?: DceRpcFacts
}

const name = z.string().max(1024)
const time = z.number().finite().optional()

export const smbFactsSchema = z.object({
  command: z.string().max(64),
  dialect: z.string().max(64).optional(),
  client_dialects: z.array(z.string().max(64)).max(32).optional(),
  status: z.string().max(64).optional(),
  status_code: z.int().min(0).max(0xffff_ffff).optional(),
  session_uid: z.string().max(16),
  tree_uid: z.int().min(0).max(0xffff_ffff),
  share: name.optional(),
  share_type: z.enum(['disk', 'pipe', 'print']).optional(),
  user: name.optional(),
  domain: name.optional(),
  hostname: name.optional(),
  ntlm_version: z.string().max(64).optional(),
  auth: z.enum(['ntlm', 'kerberos']).optional(),
  file: name.optional(),
  file_uid: z.string().max(32).optional(),
  open_type: z.string().max(32).optional(),
  delete_on_close: z.boolean().optional(),
  size: z.number().nonnegative().optional(),
  created_time: time,
  accessed_time: time,
  modified_time: time,
  changed_time: time,
  renamed_to: name.optional(),
  deleted: z.boolean().optional(),
  client_os: name.optional(),
  client_lan_manager: name.optional(),
  server_os: name.optional(),
  server_lan_manager: name.optional(),
  server_guid: z.string().max(36).optional(),
  dce_rpc: dceRpcFactsSchema.optional(),
})
