import { originFacts } from './address.ts'
import type { AccountFacts } from './accounts.ts'
import { accountName, type AccountName, type AuthenticationFacts } from './facts.ts'

const MODULE = /^pam_\w{1,32}\(([^\s:()]{1,64}):(\w{1,32})\): /
const OLD_TAG = /^(.{1,64})\(pam_unix\)$/

/** Services that report each attempt themselves: PAM's line only accompanies it. */
const SELF_REPORTING = new Set(['sshd', 'sudo', 'su', 'login'])
/** Sessions that nobody logged in for. */
const UNATTENDED = new Set(['cron', 'crond', 'atd', 'systemd-user', 'runuser'])

/**
 * Understands lines of PAM's modules, pam_unix(8) above all: `pam_unix(sshd:auth): authentication failure; ...`, and the
 * form of before 2005 in which the module stands in the tag: `sshd(pam_unix)[123]: authentication failure; ...`.
 */
export function parsePam(program: string, message: string): AuthenticationFacts | undefined {
  const head = message.startsWith('pam_') ? MODULE.exec(message) : null
  if (head !== null) {
    const service = serviceName(head[1] ?? '')
    const reportsItself = SELF_REPORTING.has(service)
    return pamMessage(message.slice(head[0].length), service, reportsItself)
  }
  const old = program.endsWith(')') ? OLD_TAG.exec(program)?.[1] : undefined
  // Servers of that time left the reporting to PAM.
  return old === undefined ? undefined : pamMessage(message, serviceName(old), false)
}

/** `su-l` and `sudo-i` are su and sudo. */
function serviceName(name: string): string {
  if (name === 'su-l') return 'su'
  if (name === 'sudo-i') return 'sudo'
  return name
}

function pamMessage(
  message: string,
  service: string,
  reportsItself: boolean,
): AuthenticationFacts | undefined {
  if (message.startsWith('authentication failure;')) return failure(message, service, reportsItself)
  if (message.startsWith('session ')) return session(message, service, reportsItself)
  const unidentified = /^auth could not identify password for \[(.{1,256})\]$/.exec(message)
  if (unidentified?.[1] === undefined) return undefined
  return { activity: 'other', status: 'failure', user: accountName(unidentified[1]), service, attempts: 1 }
}

const FAILURE = /^authentication failure; logname=\S{0,256} uid=\d{0,10} euid=\d{0,10} tty=\S{0,256} ruser=/

/** The last field, `user=`, is missing where the account does not exist. */
function failure(message: string, service: string, reportsItself: boolean): AuthenticationFacts | undefined {
  const head = FAILURE.exec(message)
  if (head === null) return undefined
  const rest = message.slice(head[0].length)
  const host = / ?rhost=(\S{0,255}) *(?:user=(.*))?$/.exec(rest)
  if (host === null) return undefined
  const actor = rest.slice(0, host.index)
  return {
    activity: reportsItself ? 'other' : 'logon',
    status: 'failure',
    user: host[2] === undefined ? {} : accountName(host[2]),
    ...(actor !== '' && { actor: accountName(actor) }),
    service,
    ...originFacts(host[1]),
    attempts: 1,
  }
}

const SESSION =
  /^session (opened|closed) for user (.{0,256}?)(?:\(uid=(\d{1,10})\))?(?: by (.{0,256}?)\(uid=(\d{1,10})\))?$/

function session(message: string, service: string, reportsItself: boolean): AuthenticationFacts | undefined {
  const match = SESSION.exec(message)
  if (match === null) return undefined
  const [, verb, name = '', uid, actorName = '', actorUid] = match
  const actor: AccountName | undefined =
    actorUid === undefined ? undefined : { uid: actorUid, ...(actorName !== '' && accountName(actorName)) }
  const accompanies = reportsItself || UNATTENDED.has(service)
  return {
    activity: verb === 'closed' ? 'logoff' : accompanies ? 'other' : 'logon',
    status: 'success',
    user: { ...accountName(name), ...(uid !== undefined && { uid }) },
    ...(actor !== undefined && { actor }),
    service,
    session: verb === 'closed' ? 'closed' : 'opened',
    attempts: 1,
  }
}

/** A password that was changed through PAM: `pam_unix(passwd:chauthtok): password changed for bob`. */
export function parsePamChange(message: string): AccountFacts | undefined {
  if (!message.startsWith('pam_')) return undefined
  const head = MODULE.exec(message)
  const changed = 'password changed for '
  if (head?.[2] !== 'chauthtok' || !message.startsWith(changed, head[0].length)) return undefined
  return {
    activity: 'password_change',
    status: 'success',
    user: accountName(message.slice(head[0].length + changed.length)),
    service: serviceName(head[1] ?? ''),
  }
}
