import type {
  AccountEvent,
  Endpoint,
  Event,
  FileEvent,
  FindingEvent,
  NetworkEvent,
  Process,
} from '@vedette/model'

/** What happened, in one line for people. */
export function summaryOf(event: Event): string {
  switch (event.kind) {
    case 'process': {
      const { process } = event
      if (event.activity === 'launch')
        return `${nameOf(process)} started: ${process.cmd_line ?? process.path ?? process.name}`
      return `${nameOf(process)} ended${event.exit_code === undefined ? '' : ` with ${event.exit_code}`}`
    }
    case 'network':
      if (event.activity === 'traffic' && event.message !== undefined) return event.message
      return `${nameOf(event.process)} ${networkWords(event)}`
    case 'file':
      if (event.activity === 'differ') return event.message ?? `${event.file.path} differs`
      return `${nameOf(event.process)} ${fileWords(event)}`
    case 'authentication': {
      const { user, service, status, activity, src_endpoint: source, src_hostname: name } = event
      const account = user.name ?? user.uid
      const from = source || name !== undefined ? ` from ${source?.ip ?? name}` : ''
      if (activity === 'logoff') return `${account} left ${service}`
      const how = { success: 'signed in to', failure: 'was refused by', unknown: 'used' }[status]
      return `${account} ${how} ${service}${from}`
    }
    case 'account':
      return accountWords(event)
    case 'finding':
      return findingWords(event)
    case 'system':
    case 'protocol':
    case 'usage':
    case 'inventory':
    case 'sensor':
      return event.message ?? event.kind
    default:
      return event.service === undefined ? event.message : `${event.service}: ${event.message}`
  }
}

/** What a process did on the network: `connects to 203.0.113.7:443`. */
export function networkWords(event: NetworkEvent): string {
  const target = place(event.dst_endpoint)
  switch (event.activity) {
    case 'open':
      return event.result === undefined
        ? `connects to ${target}`
        : `cannot connect to ${target} (${event.result})`
    case 'accept':
      return `takes a connection from ${event.src_endpoint ? place(event.src_endpoint) : 'somewhere'}`
    case 'listen':
      return `listens on ${target}`
    case 'bind':
      return `takes ${target} for itself`
    case 'send':
      return `sends to ${target}`
    case 'raw':
      return event.socket === undefined
        ? 'opens a socket for whole packets'
        : `opens a socket of ${event.socket.family} (${event.socket.type}, ${event.socket.protocol})`
    case 'traffic':
      return `exchanges packets with ${target}`
    default:
      return `closes a connection to ${target}`
  }
}

const fileVerbs = {
  create: 'creates',
  read: 'reads',
  update: 'writes',
  delete: 'deletes',
  rename: 'renames',
  set_attributes: 'changes the rights of',
  differ: 'makes another file of',
} as const satisfies Record<FileEvent['activity'], string>

/** What a process did to a file: `writes /etc/passwd`. */
export function fileWords({ activity, file, file_result: result }: FileEvent): string {
  return `${fileVerbs[activity]} ${file.path}${result ? ` to ${result.path}` : ''}`
}

const accountVerbs = {
  create: 'was made',
  delete: 'was removed',
  enable: 'was enabled',
  disable: 'was disabled',
  lock: 'was locked',
  unlock: 'was unlocked',
  password_change: 'got another password',
  update: 'was changed',
  attach_group: 'came into',
  detach_group: 'left',
} as const satisfies Record<AccountEvent['activity'], string>

/** What was done to an account: `account bob came into group sudo`. */
function accountWords({ activity, status, user, group, service }: AccountEvent): string {
  const inGroup = activity === 'attach_group' || activity === 'detach_group'
  const account = user && `account ${user.name ?? user.uid}`
  const groupName = group && `group ${group.name}`
  const words = `${account ?? groupName ?? 'an account'} ${accountVerbs[activity]}`
  const whole = inGroup && account && groupName ? `${words} ${groupName}` : words
  return status === 'failure' ? `${service} failed: ${whole}` : whole
}

/** What a scan found: `Web shell written in PHP found in /var/www/html/a.php`. */
export function findingWords({ finding_info: found, file }: FindingEvent): string {
  return `${found.title} found in ${file.path}`
}

function nameOf(process: Process | undefined): string {
  return process ? `${process.name} (${process.pid})` : 'Somebody'
}

function place({ ip, port }: Endpoint): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}
