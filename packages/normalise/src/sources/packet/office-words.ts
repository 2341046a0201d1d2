import type {
  DhcpFacts,
  FtpFacts,
  KerberosFacts,
  LdapFacts,
  DceRpcFacts,
  RdpFacts,
  SmbFacts,
  SmtpFacts,
} from '@vedette/model'
import { quoted } from './quoted.ts'

/** Sentences for protocols of mail, files, desktops, accounts and networks of offices. */
export const officeSentences = {
  dcerpc: (facts: DceRpcFacts, client: string, server: string): string => callText(facts, client, server),
  dhcp(facts: DhcpFacts, client: string, server: string): string {
    const { sender, type, client_mac: mac, hostname, requested_ip: wanted, assigned_ip: given } = facts
    const who = hostname === undefined ? mac : `${quoted(hostname)} (${mac})`
    if (sender === 'server')
      return `${server} sent DHCP ${type} to ${who}${given === undefined ? '' : `: ${given}`}`
    return `${client} sent DHCP ${type} as ${who}${wanted === undefined ? '' : `: ${wanted}`}`
  },
  ftp({ command, argument, codes, user }: FtpFacts, client: string, server: string): string {
    const answer = codes.length === 0 ? '' : `: ${codes.join(', ')}`
    if (command === undefined) return `${server} greeted ${client} over FTP${answer}`
    const who = user === undefined || command === 'USER' ? client : `${client} (${quoted(user)})`
    return `${who} sent FTP ${command}${argument === undefined ? '' : ` ${quoted(argument)}`} to ${server}${answer}`
  },
  kerberos(facts: KerberosFacts, client: string, server: string): string {
    const {
      request_type: type,
      client: name,
      service,
      error,
      ticket_cipher: cipher,
      msg_type: message,
    } = facts
    const who = name === undefined ? client : `${quoted(name)} (${client})`
    const what = service === undefined ? 'a ticket' : `a ticket for ${quoted(service)}`
    if (type === 'AP') return `${who} showed ${server} ${what}`
    if (error !== undefined) return `${server} refused ${who} ${what}: ${error}`
    if (message.endsWith('_REP'))
      return `${server} gave ${who} ${what}${cipher === undefined ? '' : `, encrypted with ${cipher}`}`
    return `${who} asked ${server} for ${what}`
  },
  ldap(facts: LdapFacts, client: string, server: string): string {
    const { operation, name, filter, result, entries, user } = facts
    const answer = result === undefined || result === 'success' ? '' : `: ${result}`
    if (operation === 'bind') {
      const who = user ?? (name === undefined || name === '' ? undefined : name)
      return `${client} logged on to LDAP at ${server}${who === undefined ? ' without a name' : ` as ${quoted(who)}`}${answer}`
    }
    if (operation === 'search') {
      const found = entries === undefined ? '' : `, ${entries} found`
      return `${client} searched ${quoted(name ?? '')} at ${server} for ${quoted(filter ?? 'anything')}${found}${answer}`
    }
    return `${client} sent LDAP ${operation}${name === undefined ? '' : ` ${quoted(name)}`} to ${server}${answer}`
  },
  rdp(
    { cookie, client_name: computer, failure, selected_protocol: how }: RdpFacts,
    client: string,
    server: string,
  ): string {
    const names = [cookie, computer].filter((name) => name !== undefined).map(quoted)
    const who = names.length === 0 ? client : `${client} (${names.join(' on ')})`
    const end = failure ?? how
    return `${who} opened a remote desktop on ${server}${end === undefined ? '' : `: ${end}`}`
  },
  smb(facts: SmbFacts, client: string, server: string): string {
    const { command, user, domain, share, file, status, renamed_to: newName, dce_rpc: call } = facts
    const isRefused =
      status !== undefined && status !== 'STATUS_SUCCESS' && status !== 'STATUS_MORE_PROCESSING_REQUIRED'
    const end = isRefused ? `: ${status}` : ''
    if (call !== undefined)
      return `${callText(call, client, server)}${file === undefined ? '' : ` through ${quoted(file)}`}${end}`
    const at = share === undefined || share === '' ? server : `${quoted(share)} at ${server}`
    if (user !== undefined && user !== '') {
      const name = domain === undefined ? user : `${domain}\\${user}`
      return `${client} logged on to ${server} over SMB as ${quoted(name)}${end}`
    }
    if (command.includes('TREE_CONNECT')) return `${client} connected to ${at}${end}`
    if (file === undefined || file === '') return `${client} sent ${command} to ${at}${end}`
    if (newName !== undefined) return `${client} renamed ${quoted(file)} to ${quoted(newName)} on ${at}${end}`
    const verb = VERBS.find(([part]) => command.includes(part))?.[1]
    if (verb === undefined) return `${client} sent ${command} for ${quoted(file)} to ${at}${end}`
    return `${client} ${verb} ${quoted(file)} on ${at}${end}`
  },
  smtp(facts: SmtpFacts, client: string, server: string): string {
    const { smtp_from: from, smtp_to: to, subject, starttls, code, attachments } = facts
    if (starttls === true) return `${client} went on over TLS with ${server} for mail`
    if (from === undefined && to === undefined) return `${client} spoke SMTP with ${server}`
    const whom = to === undefined ? '' : ` to ${quoted(to.join(', '))}`
    const what = subject === undefined ? '' : `: ${quoted(subject)}`
    const files = attachments === undefined ? '' : ` with ${quoted(attachments.join(', '))}`
    const end = code === undefined || code < 400 ? '' : ` (refused: ${code})`
    return `${client} mailed${whom} from ${quoted(from === undefined || from === '' ? 'nobody' : from)} through ${server}${what}${files}${end}`
  },
}

const VERBS: readonly (readonly [string, string])[] = [
  ['CREATE', 'opened'],
  ['OPEN', 'opened'],
  ['READ', 'read'],
  ['WRITE', 'wrote'],
  ['CLOSE', 'closed'],
  ['DELETE', 'deleted'],
  ['SET_INFO', 'changed'],
]

function callText(
  { command, endpoint, interface_uuid: uuid, operation, opnum }: DceRpcFacts,
  client: string,
  server: string,
): string {
  const where = endpoint ?? uuid ?? 'an interface'
  if (command !== 'REQUEST') return `${client} sent DCE/RPC ${command} for ${where} to ${server}`
  return `${client} called ${operation ?? `call ${opnum ?? 0}`} of ${where} at ${server}`
}
