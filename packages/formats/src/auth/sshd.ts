import { accountName, type AuthenticationFacts } from './facts.ts'
import { addressFacts } from './address.ts'

const METHOD = /^(Accepted|Failed|Postponed|Partial) ([\w./-]{1,64}) for /
const ONE_ORIGIN = /^ from (\S{1,255}) port (\d{1,5}) ssh2/
const ORIGIN = / from (\S{1,255}) port (\d{1,5}) ssh2/g
/** `: ED25519 SHA256:...` after a public key; nothing in it comes from the client as text. */
const KEY = /^(?:: [\w-]{1,64} \S{1,256})?$/
const INVALID = /^(?:invalid|illegal) user /

/**
 * Understands the messages of OpenSSH's server (auth.c, auth2.c, packet.c of OpenSSH 5 to 10).
 *
 * The client chooses the user name, and it stands before the address: `Failed password for root from 192.0.2.1 port 22
 * ssh2 from 198.51.100.7 port 22 ssh2` is an attempt of 198.51.100.7 on a strange name. So the address is looked for
 * from the end. Where text of the client stands on both sides, as with certificates, an address is given only if all
 * that could be meant agree.
 */
export function parseSshd(text: string): AuthenticationFacts | undefined {
  const said = text.startsWith('error: ') || text.startsWith('fatal: ') ? text.slice('error: '.length) : text
  const message = said.endsWith('auth]') ? said.replace(/ \[(?:preauth|postauth)\]$/, '') : said
  switch (message.slice(0, message.indexOf(' '))) {
    case 'Accepted':
    case 'Failed':
    case 'Postponed':
    case 'Partial':
      return attempt(message)
    case 'Invalid':
    case 'Illegal':
      return invalidUser(message)
    case 'maximum':
      return tooManyAttempts(message)
    case 'Connection':
    case 'Disconnected':
    case 'Disconnecting':
    case 'Disconnecting:':
      return ended(message)
    case 'User':
      return notAllowed(message)
    case 'Starting':
      return started(message)
    case 'ROOT':
      return rootRefused(message)
    case 'PAM:':
      return pamFailure(message)
    default:
      return undefined
  }
}

function attempt(message: string): AuthenticationFacts | undefined {
  const method = METHOD.exec(message)
  if (method === null) return undefined
  const [head, verb, protocol = ''] = method
  const found = origin(message, head.length)
  if (found === undefined) return undefined
  return {
    activity: verb === 'Accepted' || verb === 'Failed' ? 'logon' : 'other',
    status: verb === 'Accepted' ? 'success' : verb === 'Failed' ? 'failure' : 'unknown',
    ...userFacts(message.slice(head.length, found.start)),
    service: 'sshd',
    ...(verb === 'Accepted' && { session: 'opened' as const }),
    protocol,
    ...found.facts,
    attempts: 1,
  }
}

interface Origin {
  /** Where the user's name ends. */
  readonly start: number
  readonly facts: { readonly address?: string; readonly port?: number }
}

function origin(message: string, from: number): Origin | undefined {
  // The last character of "for " may begin " from", when the name is empty. Mostly there is but one.
  const only = message.indexOf(' from ', from - 1)
  if (only < 0) return undefined
  if (message.indexOf(' from ', only + 1) < 0) {
    const found = ONE_ORIGIN.exec(message.slice(only))
    if (found === null) return undefined
    const isSure = KEY.test(message.slice(only + found[0].length))
    if (isSure || !message.includes(' port ', only + found[0].length))
      return { start: Math.max(from, only), facts: addressFacts(found[1], found[2]) }
  }
  const candidates = [...message.slice(from - 1).matchAll(ORIGIN)]
  const last = candidates.at(-1)
  if (last === undefined) return undefined
  const start = (match: RegExpExecArray) => Math.max(from, from - 1 + match.index)
  if (KEY.test(message.slice(from - 1 + last.index + last[0].length))) {
    return { start: start(last), facts: addressFacts(last[1], last[2]) }
  }
  const first = candidates[0] ?? last
  const agree = candidates.every((match) => match[1] === first[1])
  return { start: start(first), facts: agree ? addressFacts(first[1], first[2]) : {} }
}

function userFacts(text: string): Pick<AuthenticationFacts, 'user' | 'unknownUser'> {
  const prefix = INVALID.exec(text)
  if (prefix === null) return { user: accountName(text) }
  return { user: accountName(text.slice(prefix[0].length)), unknownUser: true }
}

/** `Invalid user bob from 192.0.2.1 port 22`; older servers give no port. */
function invalidUser(message: string): AuthenticationFacts | undefined {
  const at = message.lastIndexOf(' from ')
  const tail = /^ from (\S{1,255})(?: port (\d{1,5}))?$/.exec(message.slice(at))
  const head = /^I(?:nvalid|llegal) user /.exec(message)
  if (at < 0 || tail === null || head === null) return undefined
  return {
    activity: 'other',
    status: 'failure',
    user: accountName(message.slice(head[0].length, at)),
    service: 'sshd',
    ...addressFacts(tail[1], tail[2]),
    unknownUser: true,
    attempts: 1,
  }
}

function tooManyAttempts(message: string): AuthenticationFacts | undefined {
  const head = 'maximum authentication attempts exceeded for '
  if (!message.startsWith(head)) return undefined
  const found = origin(message, head.length)
  if (found === undefined) return undefined
  return {
    activity: 'other',
    status: 'failure',
    ...userFacts(message.slice(head.length, found.start)),
    service: 'sshd',
    ...found.facts,
    attempts: 1,
  }
}

const ENDED =
  /^(Connection closed by|Connection reset by|Disconnected from|Disconnecting) (?:(authenticating|invalid) )?user /
const ADDRESS_AND_PORT = / (\S{1,255}) port (\d{1,5})(?=:|$)/g

/** The end of a connection of somebody with a name. One without a name says nothing about an account. */
function ended(message: string): AuthenticationFacts | undefined {
  const old = 'Disconnecting: Too many authentication failures for '
  if (message.startsWith(old)) {
    return {
      activity: 'other',
      status: 'failure',
      user: accountName(message.slice(old.length)),
      service: 'sshd',
      attempts: 1,
    }
  }
  const head = ENDED.exec(message)
  if (head === null) return undefined
  const from = head[0].length
  const candidates = [...message.slice(from - 1).matchAll(ADDRESS_AND_PORT)]
  const last = candidates.at(-1)
  if (last === undefined) return undefined
  // What follows a colon is the reason, which may quote the client. Without one, the last is the true one.
  const atEnd = from - 1 + last.index + last[0].length === message.length
  const chosen = atEnd ? last : (candidates[0] ?? last)
  const sure = atEnd || candidates.every((match) => match[1] === chosen[1])
  const loggedIn = head[2] === undefined
  return {
    activity: loggedIn ? 'logoff' : 'other',
    status: loggedIn ? 'success' : 'failure',
    user: accountName(message.slice(from, Math.max(from, from - 1 + chosen.index))),
    service: 'sshd',
    ...(loggedIn && { session: 'closed' as const }),
    ...(sure && addressFacts(chosen[1], chosen[2])),
    ...(head[2] === 'invalid' && { unknownUser: true }),
    attempts: 1,
  }
}

const STARTED =
  /^Starting session: (?:shell|command|forced-command [^\n]{0,256}|subsystem '[^'\n]{1,64}')(?: on (\S{1,64}))? for (.{1,256}) from (\S{1,64}) port (\d{1,5}) id \d{1,9}$/

/** With a verbose log: `Starting session: shell on pts/0 for bob from 192.0.2.1 port 22 id 0`. */
function started(message: string): AuthenticationFacts | undefined {
  const found = STARTED.exec(message)
  if (found === null) return undefined
  const [, terminal, name = '', address, port] = found
  return {
    activity: 'other',
    status: 'success',
    user: accountName(name),
    service: 'sshd',
    session: 'opened',
    ...(terminal !== undefined && { terminal }),
    ...addressFacts(address, port),
    attempts: 1,
  }
}

/** `User bob from host not allowed because not listed in AllowUsers`. */
function notAllowed(message: string): AuthenticationFacts | undefined {
  const end = message.lastIndexOf(' not allowed because ')
  const at = end < 0 ? -1 : message.lastIndexOf(' from ', end)
  if (at < 'User '.length) return undefined
  return {
    activity: 'other',
    status: 'failure',
    user: accountName(message.slice('User '.length, at)),
    service: 'sshd',
    ...addressFacts(message.slice(at + ' from '.length, end), undefined),
    attempts: 1,
  }
}

function rootRefused(message: string): AuthenticationFacts | undefined {
  const match = /^ROOT LOGIN REFUSED FROM (\S{1,255})(?: port (\d{1,5}))?$/.exec(message)
  if (match === null) return undefined
  return {
    activity: 'other',
    status: 'failure',
    user: { name: 'root' },
    service: 'sshd',
    ...addressFacts(match[1], match[2]),
    attempts: 1,
  }
}

/** `PAM: Authentication failure for bob from host`. */
function pamFailure(message: string): AuthenticationFacts | undefined {
  const head = /^PAM: [\w ]{1,64}? for /.exec(message)
  const at = message.lastIndexOf(' from ')
  if (head === null || at < head[0].length) return undefined
  return {
    activity: 'other',
    status: 'failure',
    ...userFacts(message.slice(head[0].length, at)),
    service: 'sshd',
    protocol: 'keyboard-interactive/pam',
    ...addressFacts(message.slice(at + ' from '.length), undefined),
    attempts: 1,
  }
}
