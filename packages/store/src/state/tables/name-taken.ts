import { CodedError } from '@vedette/base'

/**
 * Does what a unique index may refuse.
 *
 * @throws {CodedError} `name-taken` when it was that index
 */
export async function unlessTaken<T>(
  constraint: string,
  what: string,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if ((error as { constraint?: unknown }).constraint !== constraint) throw error
    const message = `Cannot ${what}: the name ${JSON.stringify(name)} is taken`
    throw new CodedError('name-taken', message, { cause: error })
  }
}
