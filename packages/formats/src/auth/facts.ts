/** An account as a log names it; either part may be missing. */
export interface AccountName {
  readonly name?: string
  /** Decimal digits. */
  readonly uid?: string
}

/** What a line of a log says about somebody who logs in or out. */
export interface AuthenticationFacts {
  /** `other` for lines that accompany an attempt which another line reports. */
  readonly activity: 'logon' | 'logoff' | 'other'
  readonly status: 'success' | 'failure' | 'unknown'
  /** The account in question. */
  readonly user: AccountName
  /** Who asked for it, for sudo and su. */
  readonly actor?: AccountName
  /** `sshd`, `sudo`, `su`, `login`, `systemd-logind`, or the service that PAM names. */
  readonly service: string
  /** `password`, `publickey`, `keyboard-interactive/pam`, `none`, ... */
  readonly protocol?: string
  /** Where it came from, an IPv4 or IPv6 address; an IPv4-mapped one as IPv4. */
  readonly address?: string
  /** The name of the host that it came from, in lower case, where the line has no address. */
  readonly host?: string
  /** 0 where the line gives none. */
  readonly port?: number
  /** Whether it begins or ends a session; several lines may tell of one. */
  readonly session?: 'opened' | 'closed'
  /** The terminal or display, where the line names one: `pts/0`, `tty1`. */
  readonly terminal?: string
  /** By which the service itself knows the session (systemd-logind). */
  readonly sessionId?: string
  /** The account does not exist. */
  readonly unknownUser?: boolean
  /** How many equal attempts the line stands for, 1-100: `message repeated 5 times`, `3 incorrect password attempts`. */
  readonly attempts: number
}

/** More attempts than this are not believed of one line. */
const MAX_ATTEMPTS = 100

export function attemptsOf(digits: string | undefined): number {
  return Math.min(Math.max(Number(digits ?? 1), 1), MAX_ATTEMPTS)
}

/** Longest name of an account or service that is kept, UTF-16 units. */
const MAX_NAME = 256

export function accountName(name: string): AccountName {
  return { name: name.length > MAX_NAME ? name.slice(0, MAX_NAME).toWellFormed() : name }
}
