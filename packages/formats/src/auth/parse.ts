import { type AccountFacts, parseAccountTool } from './accounts.ts'
import { attemptsOf, type AuthenticationFacts } from './facts.ts'
import { parseLogin } from './login.ts'
import { parseLogind } from './logind.ts'
import { parsePam, parsePamChange } from './pam.ts'
import { parseSshd } from './sshd.ts'
import { parseSu } from './su.ts'
import { parseSudo } from './sudo.ts'

export type { AccountFacts } from './accounts.ts'
export type { AuthenticationFacts } from './facts.ts'

const REPEATED = /^message repeated (\d{1,9}) times: \[ ?(.*)\]$/s

/**
 * Understands a message about somebody who logs in or out: sshd, sudo, su, login, PAM, systemd-logind. Undefined for every
 * other message. Takes time in proportion to its length.
 *
 * @param program the tag of the line: `sshd`, `sshd-session`, `/usr/sbin/sshd`, `sshd(pam_unix)`
 */
export function parseAuthentication(program: string, message: string): AuthenticationFacts | undefined {
  // rsyslog's short form of the same message, several times.
  const repeated = message.startsWith('message repeated ') ? REPEATED.exec(message) : null
  if (repeated === null) return parseOne(program, message)
  const facts = parseOne(program, repeated[2] ?? '')
  return facts === undefined ? undefined : { ...facts, attempts: attemptsOf(repeated[1]) }
}

function parseOne(program: string, message: string): AuthenticationFacts | undefined {
  const facts = parsePam(program, message)
  if (facts !== undefined) return facts
  switch (nameOf(program)) {
    case 'sshd':
    case 'sshd-session':
    case 'sshd-auth':
      return parseSshd(message)
    case 'sudo':
      return parseSudo(message)
    case 'su':
      return parseSu(message)
    case 'login':
      return parseLogin(message)
    case 'systemd-logind':
      return parseLogind(message)
    default:
      return undefined
  }
}

/** Understands a message about a change of an account or a group, by the shadow suite's programs or through PAM. */
export function parseAccountChange(program: string, message: string): AccountFacts | undefined {
  return parsePamChange(message) ?? parseAccountTool(nameOf(program), message)
}

function nameOf(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1)
}
