import type { LogSource } from '@vedette/model'

/** Sigma's services of Linux, by the programs that write to them. */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  sshd: ['sshd', 'sshd-session', 'sshd-auth'],
  sudo: ['sudo'],
  cron: ['cron', 'crond', 'crontab', 'anacron', 'atd'],
  auth: ['pkexec', 'su', 'login', 'polkitd', 'systemd-logind', 'gdm-password', 'passwd', 'chpasswd'],
  vsftpd: ['vsftpd'],
  clamav: ['clamd', 'freshclam', 'clamscan', 'clamav'],
  guacamole: ['guacd', 'guacamole'],
  auditd: ['auditd', 'audisp-syslog', 'audispd', 'audit'],
}

const SYSLOG: LogSource = { product: 'linux', service: 'syslog' }
const CISCO: LogSource = { product: 'cisco' }
const BY_PROGRAM: ReadonlyMap<string, LogSource> = new Map(
  Object.entries(SERVICES).flatMap(([service, programs]) => {
    const source: LogSource = { product: 'linux', service }
    return programs.map((program) => [program, source] as const)
  }),
)
const CISCO_SERVICES: ReadonlyMap<string, LogSource> = new Map(
  ['aaa', 'bgp', 'ldp'].map((service) => [service, { product: 'cisco', service }]),
)

/**
 * Where a line of syslog comes from: the service by the program that wrote it (`/usr/sbin/cron`, `sshd(pam_unix)` and
 * `CRON` are known too), `syslog` for all others; a Cisco device's message by its mnemonic (`%AAA-5-USER_LOGGED`).
 */
export function syslogSource(program: string | undefined): LogSource {
  if (program === undefined) return SYSLOG
  const known = BY_PROGRAM.get(program)
  if (known !== undefined) return known
  const facility = /^%([A-Z][A-Z0-9_]*)-(?:[A-Z0-9_]+-)?[0-7]-[A-Z0-9_]+$/.exec(program)?.[1]
  if (facility !== undefined) return CISCO_SERVICES.get(facility.toLowerCase()) ?? CISCO
  const name = program
    .slice(program.lastIndexOf('/') + 1)
    .replace(/\(.*$/, '')
    .toLowerCase()
  return BY_PROGRAM.get(name) ?? SYSLOG
}
