import { expect, test } from 'vitest'
import { tcp, told } from '../testing/converse.ts'
import { ntlmAuthenticate, officeSamples } from '../testing/office-samples.ts'
import { MessageStream } from './message-stream.ts'
import { smbParser } from './index.ts'
import { readLogon } from './ntlm.ts'

const [smb2 = [], smb1 = []] = officeSamples.filter(({ name }) => name === 'smb').map(({ said }) => said)

test('SMB 2: a logon that failed, a share, a pipe, and a service that is made through it', () => {
  const told2 = told(smbParser, smb2).map(({ smb }) => smb)
  expect(told2.map((smb) => smb?.command)).toEqual([
    'SMB2_COMMAND_NEGOTIATE_PROTOCOL',
    'SMB2_COMMAND_SESSION_SETUP',
    'SMB2_COMMAND_TREE_CONNECT',
    'SMB2_COMMAND_CREATE',
    'SMB2_COMMAND_WRITE',
    'SMB2_COMMAND_WRITE',
  ])
  expect(told2[1]).toMatchObject({
    auth: 'ntlm',
    user: 'alice',
    domain: 'CORP',
    hostname: 'LAPTOP',
    ntlm_version: '10.0 build 17763 rev 15',
    status: 'STATUS_LOGON_FAILURE',
    status_code: 0xc000_006d,
    dialect: '3.11',
  })
  expect(told2[2]).toMatchObject({ share: '\\\\dc\\IPC$', share_type: 'pipe', tree_uid: 5 })
  expect(told2[5]).toMatchObject({
    share: '\\\\dc\\IPC$',
    file: 'svcctl',
    file_uid: '4d'.repeat(16),
    dce_rpc: {
      command: 'REQUEST',
      interface_uuid: '367abb81-9844-35f1-ad32-98f038001003',
      endpoint: 'svcctl',
      opnum: 12,
      operation: 'CreateServiceW',
    },
  })
})

test('SMB 1: dialects, a logon without NTLMSSP, a share, and how both ends name themselves', () => {
  expect(told(smbParser, smb1)).toMatchObject([
    {
      smb: { client_dialects: ['LANMAN2.1', 'NT LM 0.12'], dialect: 'NT LM 0.12', status: 'STATUS_SUCCESS' },
    },
    { smb: { user: 'bob', domain: 'WORK', client_os: 'Unix', server_os: 'Windows 5.1', session_uid: '9' } },
    { smb: { command: 'SMB1_COMMAND_TREE_CONNECT_ANDX', share: '\\\\s\\ADMIN$', share_type: 'disk' } },
  ])
})

test('requests without answers are told when the connection ends', () => {
  const facts = told(
    smbParser,
    smb2.filter(([speaker]) => speaker === 'client'),
  )
  expect(facts).toHaveLength(6)
  expect(facts.every(({ smb }) => smb?.status === undefined)).toBe(true)
})

test('after a gap the next message that begins a packet is read', () => {
  const stream = new MessageStream()
  const lengths: number[] = []
  const take = (message: Uint8Array): void => void lengths.push(message.length)
  const whole = smb2[0]?.[1] ?? new Uint8Array(0)
  stream.push(whole.subarray(0, 40), take)
  stream.gap(100)
  stream.push(whole.subarray(60), take)
  expect(lengths).toEqual([])
  stream.push(whole, take)
  expect(lengths).toEqual([whole.length - 4])
})

test('a logon is found within SPNEGO, and Kerberos is told apart', () => {
  const wrapped = Buffer.concat([Buffer.from('a1820100', 'hex'), ntlmAuthenticate('', 'svc', '')])
  expect(readLogon(wrapped)).toEqual({ auth: 'ntlm', user: 'svc', ntlm_version: '10.0 build 17763 rev 15' })
  expect(readLogon(Buffer.from('6082010006092a864886f712010202', 'hex'))).toEqual({ auth: 'kerberos' })
  expect(readLogon(new Uint8Array(0))).toEqual({})
})

test('a session request of NetBIOS may come first, and other things do not look like it', () => {
  const message = smb2[0]?.[1] ?? new Uint8Array(0)
  const request = Buffer.concat([Buffer.from([0x81, 0, 0, 4, 1, 2, 3, 4]), message])
  expect(smbParser.recognise('client', request, tcp)).toBe('yes')
  expect(smbParser.recognise('client', request.subarray(0, 10), tcp)).toBe('maybe')
  expect(smbParser.recognise('client', new Uint8Array(100), tcp)).toBe('no')
})
