import { z } from 'zod'
import { eventBaseSchema, type EventBase } from './base.ts'
import { type Group, groupSchema, type User, userSchema } from './objects.ts'

/**
 * What was done to an account or a group: names of OCSF's activities, and beyond them `update` (anything else of it),
 * `attach_group` and `detach_group`.
 */
const accountActivities = [
  'create',
  'delete',
  'enable',
  'disable',
  'lock',
  'unlock',
  'password_change',
  'update',
  'attach_group',
  'detach_group',
] as const

export type AccountActivity = (typeof accountActivities)[number]

/** OCSF Account Change (3001): an account or a group was made, changed or removed, as a log told it. */
export interface AccountEvent extends EventBase {
  readonly kind: 'account'
  readonly class_uid: 3001
  readonly activity: AccountActivity
  readonly status: 'success' | 'failure'
  /** The account; left out where it is about a group alone. */
  readonly user?: User
  /** Extension: the group that was changed, or that the account came into or left. */
  readonly group?: Group
  /** Who did it, where the log says so. */
  readonly actor_user?: User
  /** Program that wrote the line: `useradd`, `passwd`, ... */
  readonly service: string
  /** pid in the log line. */
  readonly pid?: number
}

export const accountEventSchema = eventBaseSchema.extend({
  kind: z.literal('account'),
  class_uid: z.literal(3001),
  activity: z.enum(accountActivities),
  status: z.enum(['success', 'failure']),
  user: userSchema.optional(),
  group: groupSchema.optional(),
  actor_user: userSchema.optional(),
  service: z.string().max(256),
  pid: z.int().optional(),
})
