import { CodedError } from '@vedette/base'
import type { RuleDesk } from '@vedette/manager/workshop'
import { DEFAULT_TENANT } from '@vedette/model'
import { type PublicCode, PublicError } from '../../access/public-error.ts'
import type { Context } from '../context.ts'

/**
 * The rules that judge what comes in: those of the house, which its own tenant alone changes and sees.
 *
 * @throws {PublicError} `forbidden`
 */
export function deskOf({ services, tenant }: Pick<Context, 'services' | 'tenant'>): RuleDesk {
  if (tenant === DEFAULT_TENANT) return services.rules
  throw new PublicError('forbidden', 'The rules are those of the whole house')
}

/** Codes of the workshop that callers may tell apart; the others are what was wrong with the input. */
const codes: Readonly<Record<string, PublicCode>> = {
  'hides-true-positive': 'hides-true-positive',
  busy: 'busy',
}

/** Does work of the workshop; what it refuses is told to whoever asked. */
export async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof CodedError) || error instanceof PublicError || isOurs(error.code)) throw error
    throw new PublicError(codes[error.code] ?? 'bad-input', error.message, { cause: error })
  }
}

/** Faults of the stores are no fault of the caller. */
function isOurs(code: string): boolean {
  return code === 'disk-full' || code.endsWith('-store-failed')
}
