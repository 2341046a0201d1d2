import { CodedError } from '@vedette/base'
import { PublicError } from '../access/public-error.ts'

/**
 * Does what the store may refuse, and says why.
 *
 * @throws {PublicError} `name-taken`, `last-admin`
 */
export async function unlessRefused<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CodedError && (error.code === 'name-taken' || error.code === 'last-admin')) {
      throw new PublicError(error.code, error.message, { cause: error })
    }
    throw error
  }
}
