import type { DhcpFacts, FtpFacts, KerberosFacts, ProtocolRecord, SmbFacts, SmtpFacts } from '@vedette/model'
import type { Eve } from './eve.ts'

/** The same for protocols of mail, files, desktops and networks of offices. */
export function* daemonsEve({ facts, from, to }: ProtocolRecord, transaction: number): Iterable<Eve> {
  const { dhcp, ftp, kerberos, smb, smtp } = facts
  if (dhcp !== undefined) yield { event_type: 'dhcp', app_proto: 'dhcp', dhcp: dhcpEve(dhcp) }
  // A request without an answer is not logged.
  if (kerberos !== undefined && !kerberos.msg_type.endsWith('_REQ'))
    yield { event_type: 'krb5', app_proto: 'krb5', krb5: kerberosEve(kerberos) }
  if (ftp !== undefined) yield* ftpEve(ftp, from.ip, to.ip)
  if (smb !== undefined) {
    const told = { id: transaction + 1, ...smbEve(smb) }
    yield { event_type: 'smb', app_proto: 'smb', smb: told }
    // The first read or write of a file stands for it; its bytes are not kept.
    if (/COMMAND_(?:READ|WRITE)/.test(smb.command) && smb.share_type !== 'pipe' && smb.file !== undefined)
      yield { event_type: 'fileinfo', app_proto: 'smb', smb: told, fileinfo: { filename: smb.file } }
  }
  if (smtp !== undefined) yield { event_type: 'smtp', app_proto: 'smtp', ...smtpEve(smtp) }
}

function* ftpEve(facts: FtpFacts, client: string, server: string): Iterable<Eve> {
  const { command, argument, codes, type } = facts
  yield {
    event_type: 'ftp',
    app_proto: 'ftp',
    ftp: {
      command,
      command_data: argument,
      command_truncated: facts.command_truncated,
      completion_code: codes.map(String),
      reply: facts.command_responses,
      reply_received: codes.length > 0 ? 'yes' : 'no',
      reply_truncated: facts.reply_truncated,
      mode: type,
      dynamic_port: facts.port,
    },
  }
  // The connection for data is told with its command.
  if (type !== undefined && (command === 'RETR' || command === 'STOR'))
    yield {
      event_type: 'ftp_data',
      app_proto: 'ftp-data',
      src_ip: type === 'active' ? server : client,
      dest_ip: type === 'active' ? client : server,
      ftp_data: { command, filename: facts.name },
    }
}

function smtpEve(facts: SmtpFacts): Eve {
  const hasMail = facts.size !== undefined
  return {
    smtp: {
      helo: facts.smtp_hello,
      mail_from: facts.smtp_from === undefined ? undefined : `<${facts.smtp_from}>`,
      rcpt_to: facts.smtp_to?.map((to) => `<${to}>`),
    },
    ...(hasMail && {
      email: {
        status: facts.complete === true ? 'PARSE_DONE' : 'PARSE_ERROR',
        from: facts.from,
        to: facts.to,
        cc: facts.cc,
        subject: facts.subject,
        received: facts.received?.map((text) => text.replaceAll('\t', '')),
        attachment: facts.attachments,
        url: facts.urls,
      },
    }),
  }
}

function smbEve(facts: SmbFacts): Eve {
  const isPipe = facts.share_type === 'pipe'
  const isConnect = /TREE_CONNECT/.test(facts.command)
  const code = facts.status_code
  return {
    command: facts.command,
    dialect: facts.dialect,
    client_dialects: facts.client_dialects,
    status: facts.status,
    status_code:
      code === undefined
        ? undefined
        : facts.status?.startsWith('SRV_')
          ? `0x${code.toString(16).padStart(4, '0')}`
          : `0x${code.toString(16)}`,
    session_id: Number(`0x${facts.session_uid}`),
    tree_id: facts.tree_uid,
    ...(isConnect && (isPipe ? { named_pipe: facts.share } : { share: facts.share })),
    filename: facts.file,
    fuid: fuidOf(facts.file_uid),
    disposition: facts.open_type,
    access:
      facts.deleted === true || facts.delete_on_close === true
        ? 'delete on close'
        : facts.open_type === undefined
          ? undefined
          : 'normal',
    created: seconds(facts.created_time),
    accessed: seconds(facts.accessed_time),
    modified: seconds(facts.modified_time),
    changed: seconds(facts.changed_time),
    size: facts.size,
    ...(facts.user !== undefined && {
      ntlmssp: { user: facts.user, domain: facts.domain, host: facts.hostname, version: facts.ntlm_version },
    }),
    request: { native_os: facts.client_os, native_lm: facts.client_lan_manager },
    response: { native_os: facts.server_os, native_lm: facts.server_lan_manager },
    server_guid: facts.server_guid,
    dcerpc:
      facts.dce_rpc === undefined
        ? undefined
        : { request: facts.dce_rpc.command, opnum: facts.dce_rpc.opnum },
  }
}

function seconds(ms: number | undefined): number {
  return ms === undefined ? 0 : Math.floor(ms / 1000)
}

/** Bytes of a file's number in the order in which Suricata writes them. */
function fuidOf(digits: string | undefined): string | undefined {
  if (digits?.length !== 32) return digits
  const turned = (from: number, bytes: number): string =>
    (digits.slice(from * 2, (from + bytes) * 2).match(/../g) ?? []).toReversed().join('')
  return `${turned(0, 4)}-${turned(4, 2)}-${turned(6, 2)}-${turned(8, 2)}-${turned(10, 2)}${turned(12, 4)}`
}

function dhcpEve(facts: DhcpFacts): Eve {
  return {
    type: facts.sender === 'client' ? 'request' : 'reply',
    dhcp_type: facts.type,
    id: facts.transaction_id,
    client_mac: facts.client_mac,
    assigned_ip: facts.assigned_ip,
    requested_ip: facts.requested_ip,
    lease_time: facts.lease_time,
    hostname: facts.hostname,
  }
}

function kerberosEve(facts: KerberosFacts): Eve {
  const isError = facts.msg_type === 'KRB_ERROR'
  return {
    msg_type: facts.msg_type,
    cname: facts.client,
    realm: facts.realm,
    sname: facts.service,
    failed_request: isError && facts.request_type !== undefined ? `KRB_${facts.request_type}_REQ` : undefined,
    error_code: facts.error,
    encryption: facts.cipher,
    weak_encryption: facts.weak_cipher,
    ticket_encryption: facts.ticket_cipher,
    ticket_weak_encryption: facts.weak_ticket_cipher,
  }
}
