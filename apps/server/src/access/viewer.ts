import type { TenantId } from '@vedette/model'
import type { RoleName } from '@vedette/store'

/** Who asks. Made from a credential alone; nothing of it comes from the request. */
export interface Viewer {
  /** The tenant that is looked at. */
  readonly tenant: TenantId
  /** The organisation that the person or key belongs to, by the id of its first tenant. */
  readonly organisation: TenantId
  readonly id: string
  /** Stands in the audit log: a person's name, or `cli`. */
  readonly name: string
  /** In that tenant. */
  readonly role: RoleName
  /** What a custom role allows of an operation; left out for those of the house, which stand in the table. */
  readonly allows?: (operation: string) => boolean
  /** Operations that a key is for, of those that its role may do. Left out: all of them. */
  readonly operations?: readonly string[]
  /** How long it holds: a session or a token may be revoked, a session also ends. */
  readonly credential:
    | { readonly kind: 'session'; readonly hash: string; readonly expiresAt: number }
    | { readonly kind: 'token'; readonly hash: string; readonly expiresAt?: number }
    /** Made from a key, whose hash it is. */
    | { readonly kind: 'service'; readonly hash: string; readonly expiresAt: number }
}
