import { expect, test } from 'vitest'
import { officeSentences as say } from './office-words.ts'

const [client, server] = ['curl', '198.51.100.7:445']
const smb = { session_uid: '1', tree_uid: 1 }

test.each<[string, string]>([
  [
    say.smb(
      {
        ...smb,
        command: 'SMB2_COMMAND_SESSION_SETUP',
        user: 'alice',
        domain: 'CORP',
        status: 'STATUS_LOGON_FAILURE',
      },
      client,
      server,
    ),
    'curl logged on to 198.51.100.7:445 over SMB as CORP\\alice: STATUS_LOGON_FAILURE',
  ],
  [
    say.smb(
      { ...smb, command: 'SMB2_COMMAND_TREE_CONNECT', share: '\\\\dc\\C$', status: 'STATUS_SUCCESS' },
      client,
      server,
    ),
    'curl connected to \\\\dc\\C$ at 198.51.100.7:445',
  ],
  [
    say.smb(
      { ...smb, command: 'SMB2_COMMAND_SET_INFO', share: '\\\\dc\\C$', file: 'a', renamed_to: 'b' },
      client,
      server,
    ),
    'curl renamed a to b on \\\\dc\\C$ at 198.51.100.7:445',
  ],
  [
    say.smb({ ...smb, command: 'SMB2_COMMAND_WRITE', file: 'a.exe' }, client, server),
    'curl wrote a.exe on 198.51.100.7:445',
  ],
  [
    say.smb(
      {
        ...smb,
        command: 'SMB2_COMMAND_IOCTL',
        file: 'svcctl',
        dce_rpc: { command: 'REQUEST', endpoint: 'svcctl', operation: 'CreateServiceW' },
      },
      client,
      server,
    ),
    'curl called CreateServiceW of svcctl at 198.51.100.7:445 through svcctl',
  ],
  [
    say.dcerpc({ command: 'BIND', interface_uuid: 'x' }, client, server),
    'curl sent DCE/RPC BIND for x to 198.51.100.7:445',
  ],
  [
    say.smtp(
      { smtp_from: 'a@b', smtp_to: ['c@d'], subject: 'Hi\u001b[0m', attachments: ['x.exe'], code: 554 },
      client,
      server,
    ),
    'curl mailed to c@d from a@b through 198.51.100.7:445: Hi\\x1b[0m with x.exe (refused: 554)',
  ],
  [say.smtp({ starttls: true }, client, server), 'curl went on over TLS with 198.51.100.7:445 for mail'],
  [
    say.ftp(
      {
        command: 'RETR',
        argument: 'x',
        codes: [150, 226],
        command_responses: [],
        command_truncated: false,
        reply_truncated: false,
        user: 'bob',
      },
      client,
      server,
    ),
    'curl (bob) sent FTP RETR x to 198.51.100.7:445: 150, 226',
  ],
  [
    say.kerberos(
      { msg_type: 'KRB_TGS_REP', client: 'alice', service: 'MSSQLSvc/db', ticket_cipher: 'rc4-hmac' },
      client,
      server,
    ),
    '198.51.100.7:445 gave alice (curl) a ticket for MSSQLSvc/db, encrypted with rc4-hmac',
  ],
  [
    say.kerberos({ msg_type: 'KRB_ERROR', client: 'alice', error: 'KDC_ERR_PREAUTH_FAILED' }, client, server),
    '198.51.100.7:445 refused alice (curl) a ticket: KDC_ERR_PREAUTH_FAILED',
  ],
  [
    say.ldap(
      { operation: 'search', message_id: 1, name: 'DC=x', filter: '(servicePrincipalName=*)', entries: 7 },
      client,
      server,
    ),
    'curl searched DC=x at 198.51.100.7:445 for (servicePrincipalName=*), 7 found',
  ],
  [
    say.ldap({ operation: 'bind', message_id: 1, name: '', result: 'invalidCredentials' }, client, server),
    'curl logged on to LDAP at 198.51.100.7:445 without a name: invalidCredentials',
  ],
  [
    say.rdp(
      { cookie: 'admin', client_name: 'KALI', requested_protocols: [], selected_protocol: 'hybrid' },
      client,
      server,
    ),
    'curl (admin on KALI) opened a remote desktop on 198.51.100.7:445: hybrid',
  ],
  [
    say.dhcp(
      {
        type: 'request',
        sender: 'client',
        transaction_id: 1,
        client_mac: 'aa',
        hostname: 'kali',
        requested_ip: '192.0.2.9',
      },
      client,
      server,
    ),
    'curl sent DHCP request as kali (aa): 192.0.2.9',
  ],
  [
    say.dhcp(
      { type: 'ack', sender: 'server', transaction_id: 1, client_mac: 'aa', assigned_ip: '192.0.2.9' },
      client,
      server,
    ),
    '198.51.100.7:445 sent DHCP ack to aa: 192.0.2.9',
  ],
])('%s', (said, expected) => {
  expect(said).toBe(expected)
})
