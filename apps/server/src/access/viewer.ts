import type { TenantId } from '@vedette/model'
import type { Role } from '@vedette/store'

/** Who asks. Made from a credential alone; nothing of it comes from the request. */
export interface Viewer {
  readonly tenant: TenantId
  readonly id: string
  /** Stands in the audit log: a person's name, or `cli`. */
  readonly name: string
  readonly role: Role
  /** How long it holds: a session or a token may be revoked, a session also ends. */
  readonly credential:
    | { readonly kind: 'session'; readonly hash: string; readonly expiresAt: number }
    | { readonly kind: 'token'; readonly hash: string }
}
