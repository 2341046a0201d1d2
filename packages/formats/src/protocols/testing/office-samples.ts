import { type Conversation, fromHex, tcp, text, udp } from './converse.ts'
import type { Sample } from './samples.ts'
import { joined, measured, number } from './wire.ts'

/** Conversations of mail, files, desktops, accounts and networks of offices. */

/** Little-endian number of so many bytes. */
export function little(value: number, size: number): Uint8Array {
  const bytes = Buffer.alloc(size)
  bytes.writeUIntLE(value, 0, size)
  return bytes
}

export const wide = (value: string): Uint8Array => Buffer.from(value, 'utf16le')
const zeros = (count: number): Uint8Array => new Uint8Array(count)

/** BER: an element with its length in one byte, or in two after the byte that says so. */
export function ber(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = joined(...parts)
  const length =
    body.length < 128 ? number(body.length, 1) : joined(Uint8Array.of(0x82), number(body.length, 2))
  return joined(Uint8Array.of(tag), length, body)
}

const FTP: Conversation = [
  ['server', text('220-Welcome\r\n to all\r\n220 FTP server\r\n')],
  ['client', text('USER anonymous\r\n')],
  ['server', text('331 Password?\r\n')],
  ['client', text('PASS secret\r\n')],
  ['server', text('230 In\r\n')],
  ['client', text('PORT 192,0,2,1,4,1\r\n')],
  ['server', text('200 Ok\r\n')],
  ['client', text('RETR dir/a.exe\r\n')],
  ['server', text('150 Here\r\n226 Done\r\n')],
  ['client', text('EPSV\r\nSTOR b\r\n')],
  ['server', text('229 Entering (|||6446|)\r\n150 Go\r\n226 Done\r\n')],
  ['client', text('QUIT\r\n')],
  ['server', text('221 Bye\r\n')],
]

const MAIL = [
  'Received: from a by b\r\n\tfor c; today\r\n',
  'From: "A, B" <a@example.com>\r\nTo: <b@example.com>, "C, D" <c@example.com>\r\n',
  'Subject: =?utf-8?B?SW52b2ljZSDigqw=?=\r\nMessage-ID: <1@example.com>\r\n',
  'Content-Type: multipart/mixed;\r\n boundary="xx"\r\n\r\n',
  '--xx\r\nContent-Type: text/plain\r\n\r\nHello\r\n..dot\r\n',
  '--xx\r\nContent-Type: application/octet-stream; name="other"\r\n',
  'Content-Disposition: attachment; filename="invoice.exe"\r\n\r\nTVqQ\r\n--xx--\r\n',
]

const SMTP: Conversation = [
  ['server', text('220 mail.example.com ESMTP Postfix\r\n')],
  ['client', text('EHLO client.example.com\r\n')],
  ['server', text('250-mail.example.com\r\n250-PIPELINING\r\n250 AUTH LOGIN PLAIN\r\n')],
  ['client', text('AUTH LOGIN\r\n')],
  ['server', text('334 VXNlcm5hbWU6\r\n')],
  ['client', text('YWxpY2U=\r\n')],
  ['server', text('334 UGFzc3dvcmQ6\r\n')],
  ['client', text('c2VjcmV0\r\n')],
  ['server', text('235 Ok\r\n')],
  [
    'client',
    text(
      'MAIL FROM:<a@example.com> SIZE=100\r\nRCPT TO:<b@example.com>\r\nRCPT TO:<no@example.com>\r\nDATA\r\n',
    ),
  ],
  ['server', text('250 Ok\r\n250 Ok\r\n550 No\r\n354 Go on\r\n')],
  ['client', text(`${MAIL.join('')}.\r\n`)],
  ['server', text('250 Queued\r\n')],
  ['client', text('MAIL FROM:<>\r\nRCPT TO:<c@example.com>\r\nBDAT 14 LAST\r\nSubject: hi\r\n\r\nQUIT\r\n')],
  ['server', text('250 Ok\r\n250 Ok\r\n250 Ok\r\n221 Bye\r\n')],
]

const NETBIOS = (message: Uint8Array): Uint8Array => joined(Uint8Array.of(0), measured(3, message))

interface Smb2Parts {
  readonly command: number
  readonly id: number
  readonly isReply?: boolean
  readonly status?: number
  readonly tree?: number
}

function smb2(
  { command, id, isReply = false, status = 0, tree = 0 }: Smb2Parts,
  ...body: Uint8Array[]
): Uint8Array {
  return NETBIOS(
    joined(
      fromHex('fe534d42'),
      little(64, 2),
      zeros(2),
      little(status, 4),
      little(command, 2),
      zeros(2),
      little(isReply ? 1 : 0, 4),
      zeros(4),
      little(id, 4),
      zeros(4),
      zeros(4),
      little(tree, 4),
      little(0x1234, 4),
      zeros(4),
      zeros(16),
      ...body,
    ),
  )
}

/** AUTHENTICATE_MESSAGE (MS-NLMP, 2.2.1.3). */
export function ntlmAuthenticate(domain: string, user: string, host: string): Uint8Array {
  const texts = [wide(domain), wide(user), wide(host)]
  let at = 88
  const fields = texts.map((bytes) => {
    const field = joined(little(bytes.length, 2), little(bytes.length, 2), little(at, 4))
    at += bytes.length
    return field
  })
  return joined(
    text('NTLMSSP\0'),
    little(3, 4),
    zeros(16),
    ...fields,
    zeros(8),
    little(0x0200_0001, 4),
    Uint8Array.of(10, 0),
    little(17_763, 2),
    Uint8Array.of(0, 0, 0, 15),
    zeros(16),
    ...texts,
  )
}

/** `svcctl`, as DCE/RPC names interfaces. */
const SVCCTL = fromHex('81bb7a36 4498 f135 ad32 98f038001003')
const rpc = (type: number, ...body: Uint8Array[]): Uint8Array => {
  const rest = joined(...body)
  return joined(
    Uint8Array.of(5, 0, type, 3, 0x10, 0, 0, 0),
    little(16 + rest.length, 2),
    zeros(2),
    little(1, 4),
    rest,
  )
}
export const RPC_BIND = rpc(
  11,
  zeros(8),
  Uint8Array.of(1, 0, 0, 0),
  Uint8Array.of(0, 0, 1, 0),
  SVCCTL,
  little(2, 4),
  zeros(20),
)
const RPC_BIND_ACK = rpc(12, zeros(8), zeros(4), Uint8Array.of(1, 0, 0, 0), zeros(24))
export const rpcRequest = (opnum: number): Uint8Array =>
  rpc(0, zeros(4), little(0, 2), little(opnum, 2), zeros(40))

const FILE_ID = new Uint8Array(16).fill(0x4d)
const PIPE_WRITE = (id: number, data: Uint8Array): Uint8Array =>
  smb2(
    { command: 9, id, tree: 5 },
    little(49, 2),
    little(112, 2),
    little(data.length, 4),
    zeros(8),
    FILE_ID,
    zeros(16),
    data,
  )

const SMB: Conversation = [
  [
    'client',
    smb2({ command: 0, id: 0 }, little(36, 2), little(2, 2), zeros(32), little(0x0202, 2), little(0x0311, 2)),
  ],
  [
    'server',
    smb2(
      { command: 0, id: 0, isReply: true },
      little(65, 2),
      zeros(2),
      little(0x0311, 2),
      zeros(2),
      zeros(16),
      zeros(40),
    ),
  ],
  [
    'client',
    smb2(
      { command: 1, id: 1 },
      little(25, 2),
      zeros(10),
      little(88, 2),
      little(ntlmAuthenticate('CORP', 'alice', 'LAPTOP').length, 2),
      zeros(8),
      ntlmAuthenticate('CORP', 'alice', 'LAPTOP'),
    ),
  ],
  ['server', smb2({ command: 1, id: 1, isReply: true, status: 0xc000_006d }, little(9, 2), zeros(8))],
  [
    'client',
    smb2({ command: 3, id: 2 }, little(9, 2), zeros(2), little(72, 2), little(18, 2), wide('\\\\dc\\IPC$')),
  ],
  ['server', smb2({ command: 3, id: 2, isReply: true, tree: 5 }, little(16, 2), Uint8Array.of(2), zeros(13))],
  [
    'client',
    smb2(
      { command: 5, id: 3, tree: 5 },
      little(57, 2),
      zeros(34),
      little(1, 4),
      zeros(4),
      little(120, 2),
      little(12, 2),
      zeros(8),
      wide('svcctl'),
    ),
  ],
  [
    'server',
    smb2({ command: 5, id: 3, isReply: true, tree: 5 }, little(89, 2), zeros(62), FILE_ID, zeros(8)),
  ],
  ['client', PIPE_WRITE(4, RPC_BIND)],
  ['server', smb2({ command: 9, id: 4, isReply: true, tree: 5 }, little(17, 2), zeros(14))],
  ['client', PIPE_WRITE(5, rpcRequest(12))],
  ['server', smb2({ command: 9, id: 5, isReply: true, tree: 5 }, little(17, 2), zeros(14))],
]

function smb1(
  command: number,
  id: number,
  isReply: boolean,
  words: Uint8Array,
  data: Uint8Array,
): Uint8Array {
  return NETBIOS(
    joined(
      fromHex('ff534d42'),
      Uint8Array.of(command),
      zeros(4),
      Uint8Array.of(isReply ? 0x80 : 0),
      little(0x4000, 2),
      zeros(12),
      little(7, 2),
      little(1, 2),
      little(isReply ? 9 : 0, 2),
      little(id, 2),
      Uint8Array.of(words.length / 2),
      words,
      little(data.length, 2),
      data,
    ),
  )
}

const SMB_1: Conversation = [
  ['client', smb1(0x72, 1, false, zeros(0), text('\x02LANMAN2.1\0\x02NT LM 0.12\0'))],
  [
    'server',
    smb1(0x72, 1, true, joined(little(1, 2), zeros(32)), joined(new Uint8Array(16).fill(3), zeros(4))),
  ],
  [
    'client',
    smb1(
      0x73,
      2,
      false,
      joined(Uint8Array.of(0xff, 0, 0, 0), zeros(10), little(1, 2), little(1, 2), zeros(8)),
      text('xxbob\0WORK\0Unix\0Samba\0'),
    ),
  ],
  [
    'server',
    smb1(0x73, 2, true, joined(Uint8Array.of(0xff, 0, 0, 0), zeros(2)), text('Windows 5.1\0LM 5.1\0W\0')),
  ],
  [
    'client',
    smb1(
      0x75,
      3,
      false,
      joined(Uint8Array.of(0xff, 0, 0, 0), zeros(2), little(1, 2)),
      text('\0\\\\s\\ADMIN$\0A:\0'),
    ),
  ],
  ['server', smb1(0x75, 3, true, joined(Uint8Array.of(0xff, 0, 0, 0), zeros(2)), text('A:\0NTFS\0'))],
]

const principal = (...names: string[]): Uint8Array =>
  ber(
    0x30,
    ber(0xa0, ber(2, Uint8Array.of(1))),
    ber(0xa1, ber(0x30, ...names.map((name) => ber(0x1b, text(name))))),
  )
const small = (value: number): Uint8Array => ber(2, Uint8Array.of(value))
const encrypted = (cipher: number, length: number): Uint8Array =>
  ber(0x30, ber(0xa0, small(cipher)), ber(0xa2, ber(4, zeros(length))))

const TGS_REQUEST = ber(
  0x6c,
  ber(
    0x30,
    ber(0xa1, small(5)),
    ber(0xa2, small(12)),
    ber(0xa3, ber(0x30, ber(0x30, ber(0xa1, small(1)), ber(0xa2, ber(4, zeros(200)))))),
    ber(
      0xa4,
      ber(
        0x30,
        ber(0xa0, ber(3, fromHex('0040810000'))),
        ber(0xa2, ber(0x1b, text('EXAMPLE.COM'))),
        ber(0xa3, principal('MSSQLSvc', 'db.example.com')),
        ber(0xa7, ber(2, fromHex('01020304'))),
        ber(0xa8, ber(0x30, small(18), small(23), ber(2, fromHex('ff7b')))),
      ),
    ),
  ),
)
const TGS_REPLY = ber(
  0x6d,
  ber(
    0x30,
    ber(0xa0, small(5)),
    ber(0xa1, small(13)),
    ber(0xa3, ber(0x1b, text('EXAMPLE.COM'))),
    ber(0xa4, principal('alice')),
    ber(
      0xa5,
      ber(
        0x61,
        ber(
          0x30,
          ber(0xa0, small(5)),
          ber(0xa1, ber(0x1b, text('EXAMPLE.COM'))),
          ber(0xa2, principal('MSSQLSvc', 'db.example.com')),
          ber(0xa3, encrypted(23, 300)),
        ),
      ),
    ),
    ber(0xa6, encrypted(18, 100)),
  ),
)
const KERBEROS_ERROR = ber(
  0x7e,
  ber(
    0x30,
    ber(0xa0, small(5)),
    ber(0xa1, small(30)),
    ber(0xa6, small(24)),
    ber(0xa8, principal('alice')),
    ber(0xa9, ber(0x1b, text('EXAMPLE.COM'))),
    ber(0xaa, principal('krbtgt', 'EXAMPLE.COM')),
  ),
)

const option = (code: number, value: Uint8Array): Uint8Array =>
  joined(Uint8Array.of(code), measured(1, value))
const bootp = (op: number, assigned: Uint8Array, ...options: Uint8Array[]): Uint8Array =>
  joined(
    Uint8Array.of(op, 1, 6, 0),
    number(0x3903f326, 4),
    zeros(8),
    assigned,
    zeros(8),
    fromHex('000b8201fc42'),
    zeros(10 + 64 + 128),
    fromHex('63825363'),
    ...options,
    Uint8Array.of(255),
  )

const DHCP: Conversation = [
  [
    'client',
    bootp(
      1,
      zeros(4),
      option(53, Uint8Array.of(3)),
      option(50, Uint8Array.of(192, 0, 2, 10)),
      option(12, text('kali')),
      option(55, Uint8Array.of(1, 3, 6, 252)),
      option(60, text('MSFT 5.0')),
    ),
  ],
  [
    'server',
    bootp(
      2,
      Uint8Array.of(192, 0, 2, 10),
      option(53, Uint8Array.of(5)),
      option(54, Uint8Array.of(192, 0, 2, 1)),
      option(51, number(3600, 4)),
      option(1, Uint8Array.of(255, 255, 255, 0)),
      option(3, Uint8Array.of(192, 0, 2, 1)),
      option(6, Uint8Array.of(192, 0, 2, 1, 192, 0, 2, 2)),
      option(15, text('example.com')),
      option(252, text('http://wpad/wpad.dat')),
      option(121, fromHex('01 80 c0000202 00 c0000201')),
    ),
  ],
]

const x224 = (type: number, rest: Uint8Array): Uint8Array => {
  const body = joined(Uint8Array.of(type, 0, 0, 0, 0, 0), rest)
  return joined(Uint8Array.of(3, 0), number(body.length + 5, 2), number(body.length, 1), body)
}
const CLIENT_CORE = joined(
  little(0xc001, 2),
  little(216, 2),
  little(0x80004, 4),
  little(1280, 2),
  little(800, 2),
  zeros(4),
  little(0x409, 4),
  little(2600, 4),
  wide('ATTACKER'.padEnd(16, '\0')),
  zeros(216 - 56),
)
const CLIENT_NETWORK = joined(
  little(0xc003, 2),
  little(32, 2),
  little(2, 4),
  text('rdpdr\0\0\0'),
  zeros(4),
  text('cliprdr\0'),
  zeros(4),
)
const RDP: Conversation = [
  ['client', x224(0xe0, joined(text('Cookie: mstshash=admin\r\n'), fromHex('01 00 0800 00000000')))],
  ['server', x224(0xd0, fromHex('02 00 0800 00000000'))],
  [
    'client',
    joined(
      Uint8Array.of(3, 0),
      number(4 + 3 + 20 + 4 + 2 + CLIENT_CORE.length + CLIENT_NETWORK.length, 2),
      fromHex('02f080'),
      zeros(20),
      text('Duca'),
      fromHex('8108'),
      CLIENT_CORE,
      CLIENT_NETWORK,
    ),
  ],
]

const LDAP: Conversation = [
  ['client', ber(0x30, small(1), ber(0x60, small(3), ber(4, text('cn=admin')), ber(0x80, text('secret'))))],
  ['server', ber(0x30, small(1), ber(0x61, ber(10, Uint8Array.of(49)), ber(4), ber(4)))],
  [
    'client',
    ber(
      0x30,
      small(2),
      ber(
        0x63,
        ber(4, text('DC=example,DC=com')),
        ber(10, Uint8Array.of(2)),
        ber(10, Uint8Array.of(0)),
        small(0),
        small(0),
        ber(1, Uint8Array.of(0)),
        ber(
          0xa0,
          ber(0xa3, ber(4, text('objectClass')), ber(4, text('user'))),
          ber(0x87, text('servicePrincipalName')),
          ber(0xa2, ber(0xa4, ber(4, text('cn')), ber(0x30, ber(0x80, text('a(')), ber(0x82, text('z'))))),
          ber(
            0xa9,
            ber(0x81, text('1.2.840.113556.1.4.803')),
            ber(0x82, text('userAccountControl')),
            ber(0x83, text('4194304')),
          ),
        ),
        ber(0x30, ber(4, text('sAMAccountName'))),
      ),
    ),
  ],
  [
    'server',
    joined(
      ber(0x30, small(2), ber(0x64, ber(4, text('CN=a')), ber(0x30))),
      ber(0x30, small(2), ber(0x65, ber(10, Uint8Array.of(0)), ber(4), ber(4))),
    ),
  ],
]

export const officeSamples: readonly Sample[] = [
  { name: 'ftp', ends: tcp, said: FTP },
  { name: 'smtp', ends: tcp, said: SMTP },
  { name: 'smb', ends: tcp, said: SMB },
  { name: 'smb', ends: tcp, said: SMB_1 },
  {
    name: 'kerberos',
    ends: udp,
    said: [
      ['client', TGS_REQUEST],
      ['server', KERBEROS_ERROR],
    ],
  },
  {
    name: 'kerberos',
    ends: tcp,
    said: [
      ['client', measured(4, TGS_REQUEST)],
      ['server', measured(4, TGS_REPLY)],
    ],
  },
  { name: 'ldap', ends: tcp, said: LDAP },
  { name: 'dhcp', ends: udp, said: DHCP },
  { name: 'rdp', ends: tcp, said: RDP },
  {
    name: 'dcerpc',
    ends: tcp,
    said: [
      ['client', RPC_BIND],
      ['server', RPC_BIND_ACK],
      ['client', rpcRequest(12)],
    ],
  },
]
