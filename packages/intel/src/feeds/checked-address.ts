import { lookup } from 'node:dns/promises'
import { CodedError } from '@vedette/base'
import { specialPurpose } from '@vedette/formats'

/** An address to connect to, after it was looked at. */
export interface CheckedAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** Names to addresses; the machine's resolver by default. */
export type Resolve = (
  host: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>

const byMachine: Resolve = (host) => lookup(host, { all: true, verbatim: true })

/** What of a feed's settings says where it may lie. */
export interface Reach {
  readonly allow_private: boolean
  readonly allow_http: boolean
}

/**
 * Looks at where a URL leads before anything connects there. A feed is a wish from outside: without this, its URL could
 * be a way to services that trust this machine, or to a cloud's metadata. Refused are other schemes than https (http
 * where it is allowed), and names of which any address is private, loopback, link-local or reserved. The connection has
 * to go to the very address that is returned: a name that is asked twice may answer twice.
 *
 * @throws {CodedError} `feed-scheme`, `feed-credentials`, `feed-name`, `feed-private`
 */
export async function checkedAddress(
  url: URL,
  reach: Reach,
  resolve: Resolve = byMachine,
): Promise<CheckedAddress> {
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && reach.allow_http)) {
    throw new CodedError(
      'feed-scheme',
      `${url.protocol}// is refused: a feed is asked by https (or http with allow_http)`,
    )
  }
  if (url.username !== '' || url.password !== '') {
    throw new CodedError(
      'feed-credentials',
      'A name and password within the URL are refused: give authorization',
    )
  }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = await resolve(host).catch((error: unknown) => {
    throw new CodedError('feed-name', `The name ${host} has no address`, { cause: error })
  })
  const [first] = addresses
  if (first === undefined) throw new CodedError('feed-name', `The name ${host} has no address`)
  if (!reach.allow_private) {
    for (const { address } of addresses) {
      const purpose = specialPurpose(address)
      if (purpose !== undefined) {
        throw new CodedError(
          'feed-private',
          `${host} is at ${address} (${purpose}): refused without allow_private`,
        )
      }
    }
  }
  return { address: first.address, family: first.family === 6 ? 6 : 4 }
}
