import { z } from 'zod'
import { eventBaseSchema, type EventBase } from './base.ts'
import {
  endpointSchema,
  type Session,
  sessionSchema,
  userSchema,
  type Endpoint,
  type User,
} from './objects.ts'

/** OCSF Authentication (3002): somebody logged in, out, or was refused, as a log told it. */
export interface AuthenticationEvent extends EventBase {
  readonly kind: 'authentication'
  readonly class_uid: 3002
  readonly activity: 'logon' | 'logoff' | 'other'
  readonly status: 'success' | 'failure' | 'unknown'
  /** The account. `uid` is empty where the log gives only a name. */
  readonly user: User
  /** Who asked for it, for sudo and su. */
  readonly actor_user?: User
  /** Program that wrote the line: `sshd`, `sudo`, `su`, `login`. */
  readonly service: string
  /** `password`, `publickey`, `keyboard-interactive`, ... */
  readonly auth_protocol?: string
  readonly src_endpoint?: Endpoint
  /** Extension: the name of the host that it came from, in lower case, where the log gives no address. */
  readonly src_hostname?: string
  /** True where the account does not exist. */
  readonly is_unknown_user?: boolean
  /** pid in the log line. */
  readonly pid?: number
  /** The session that began or ended, where its beginning is known. */
  readonly session?: Session
  /** Of a session that ended: how long it lasted, milliseconds (OCSF `duration`). */
  readonly duration?: number
  /**
   * Extension: of a login, how often the same account was refused before, from there, since it was let in last and within a
   * day; left out where it was not.
   */
  readonly failed_attempts?: number
}

export const authenticationEventSchema = eventBaseSchema.extend({
  kind: z.literal('authentication'),
  class_uid: z.literal(3002),
  activity: z.enum(['logon', 'logoff', 'other']),
  status: z.enum(['success', 'failure', 'unknown']),
  user: userSchema,
  actor_user: userSchema.optional(),
  service: z.string().max(256),
  auth_protocol: z.string().max(256).optional(),
  src_endpoint: endpointSchema.optional(),
  src_hostname: z.string().max(255).optional(),
  is_unknown_user: z.boolean().optional(),
  pid: z.int().optional(),
  session: sessionSchema.optional(),
  duration: z.number().nonnegative().optional(),
  failed_attempts: z.int().nonnegative().optional(),
})
