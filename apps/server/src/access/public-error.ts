import { CodedError } from '@vedette/base'

/** HTTP status by code of a `PublicError`. A code that is not here cannot be thrown. */
const statuses = {
  'bad-input': 400,
  'setup-refused': 403,
  'name-refused': 422,
  'password-refused': 422,
  'sign-in-refused': 401,
  'second-factor-needed': 401,
  'second-factor-refused': 401,
  'passkey-needed': 401,
  'passkey-refused': 401,
  'passkey-needs-name': 409,
  'provider-refused': 401,
  'provider-failed': 502,
  'role-refused': 422,
  'role-in-use': 409,
  'password-expired': 403,
  'wrong-credential': 403,
  unauthenticated: 401,
  forbidden: 403,
  'foreign-origin': 403,
  'not-found': 404,
  'wrong-media-type': 415,
  'wrong-host': 421,
  'rate-limited': 429,
  'host-silent': 409,
  'not-open': 409,
  'name-taken': 409,
  'last-admin': 409,
  'enrolment-refused': 403,
  'hides-true-positive': 409,
  internal: 500,
  busy: 503,
  'audit-failed': 503,
  'no-answer': 504,
} as const satisfies Record<string, number>

export type PublicCode = keyof typeof statuses

/** An error whose message may be read by whoever asked. All others reach them as `internal`. */
export class PublicError extends CodedError {
  declare readonly code: PublicCode

  constructor(code: PublicCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
    this.name = 'PublicError'
  }

  get status(): number {
    return statuses[this.code]
  }
}
