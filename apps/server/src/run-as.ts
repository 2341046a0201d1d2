import { CodedError } from '@vedette/base'

/**
 * The server needs no right of root's, so it has none to lose.
 *
 * @throws {CodedError} `root-refused`
 */
export function refuseRoot(uid: number | undefined): void {
  if (uid !== 0) return
  throw new CodedError('root-refused', 'The server does not run as root; start it as a user of its own')
}
