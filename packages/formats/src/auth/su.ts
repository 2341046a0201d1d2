import { accountName, type AuthenticationFacts } from './facts.ts'

/** util-linux: `(to root) alice on pts/0`, `FAILED SU (to root) alice on pts/0`. */
const UTIL_LINUX = /^(FAILED SU )?\(to (.{1,256}?)\) (.{1,256}) on \S{1,64}$/
/** shadow: `Successful su for root by alice`, `FAILED su for root by alice`. */
const SHADOW = /^(Successful|FAILED) su for (.{1,256}) by (.{1,256})$/

/** Understands what su logs about itself, in both of its common implementations. */
export function parseSu(message: string): AuthenticationFacts | undefined {
  const own = UTIL_LINUX.exec(message)
  if (own !== null) return facts(own[1] === undefined, own[2] ?? '', own[3] ?? '')
  const shadow = SHADOW.exec(message)
  return shadow === null ? undefined : facts(shadow[1] === 'Successful', shadow[2] ?? '', shadow[3] ?? '')
}

function facts(success: boolean, user: string, actor: string): AuthenticationFacts {
  return {
    activity: 'logon',
    status: success ? 'success' : 'failure',
    user: accountName(user),
    actor: accountName(actor),
    service: 'su',
    attempts: 1,
  }
}
