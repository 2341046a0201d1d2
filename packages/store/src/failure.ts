import { CodedError } from '@vedette/base'

/** ClickHouse errors of a full disk: NOT_ENOUGH_SPACE; others carry the text of errno 28 (ENOSPC). */
const NO_ROOM_TYPES = new Set(['NOT_ENOUGH_SPACE'])
/** ENOSPC and EDQUOT of the file system, 53100 `disk_full` of PostgreSQL (appendix A of its manual). */
const NO_ROOM_CODES = new Set(['ENOSPC', 'EDQUOT', '53100'])

/**
 * Puts a failure of a store into words and a stable code: `disk-full` where there was no room, else `code`. A CodedError
 * is handed on as it is.
 *
 * @param what what could not be done: `store 3 batches`
 */
export function storeFailure(code: string, what: string, error: unknown): CodedError {
  if (error instanceof CodedError) return error
  if (isDiskFull(error)) {
    return new CodedError('disk-full', `Cannot ${what}: no space left on the disk`, { cause: error })
  }
  const reason = error instanceof Error ? error.message : String(error)
  return new CodedError(code, `Cannot ${what}: ${reason.slice(0, 1000)}`, { cause: error })
}

export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, type } = error as { code?: unknown; type?: unknown }
  if (typeof code === 'string' && NO_ROOM_CODES.has(code)) return true
  if (typeof type === 'string' && NO_ROOM_TYPES.has(type)) return true
  return /No space left on device|NOT_ENOUGH_SPACE/.test(error.message)
}
