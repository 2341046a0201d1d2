import { expect, test } from 'vitest'
import { type Conversation, tcp, text, told } from '../testing/converse.ts'
import { samples } from '../testing/samples.ts'
import { joined, kexInit, number, sshPacket } from '../testing/wire.ts'
import { sshParser } from './index.ts'

const said = samples.find(({ name }) => name === 'ssh')?.said ?? []
const none = Array.from({ length: 10 }, () => '')

test('both ends with their software, and the HASSH that is published for it', () => {
  const algorithms =
    'diffie-hellman-group1-sha1;aes128-cbc,3des-cbc,aes192-cbc,aes256-cbc;hmac-sha1,hmac-sha1-96,hmac-md5,hmac-md5-96;none'
  expect(told(sshParser, said)).toEqual([
    {
      ssh: {
        client: {
          protocol_version: '2.0',
          software_version: 'Cisco-1.25',
          hassh: '3cc67862bceac0f334c62ad1b76895b4',
          hassh_algorithms: algorithms,
        },
        server: {
          protocol_version: '2.0',
          software_version: 'OpenSSH_9.2p1',
          comments: 'Debian-2+deb12u3',
          hassh: '3cc67862bceac0f334c62ad1b76895b4',
          hassh_algorithms: algorithms,
        },
        host_key_algorithms: ['ssh-rsa'],
        established: true,
      },
    },
  ])
})

test('HASSH takes what the client sends, HASSHServer what the server sends', () => {
  const lists = ['kex', 'host', 'out', 'in', 'mac-out', 'mac-in', 'zip-out', 'zip-in', '', '']
  const [facts] = told(sshParser, [
    ['client', joined(text('SSH-2.0-a\r\n'), kexInit(lists))],
    ['server', joined(text('SSH-2.0-b\r\n'), kexInit(lists))],
  ])
  expect(facts?.ssh?.client?.hassh_algorithms).toBe('kex;out;mac-out;zip-out')
  expect(facts?.ssh?.server?.hassh_algorithms).toBe('kex;in;mac-in;zip-in')
  expect(facts?.ssh?.established).toBe(false)
})

test.each<[string, Conversation, object]>([
  [
    'lines before the version',
    [['server', text('Welcome\nto us\r\nSSH-2.0-x y z\n')]],
    { software_version: 'x', comments: 'y z' },
  ],
  [
    'version 1',
    [['server', text('SSH-1.5-1.2.33\n')]],
    { protocol_version: '1.5', software_version: '1.2.33' },
  ],
  [
    'both versions',
    [['server', text('SSH-1.99-Cisco-1.25\n')]],
    { protocol_version: '1.99', software_version: 'Cisco-1.25' },
  ],
])('a server with %s', (_, conversation, server) => {
  expect(told(sshParser, conversation)).toMatchObject([{ ssh: { server, established: false } }])
})

test.each<[string, Uint8Array]>([
  ['nothing but text', text('hello\n'.repeat(3000))],
  ['a line without end', text('SSH-2.0-'.padEnd(70_000, 'x'))],
  ['a version without software', text('SSH-2.0\n')],
])('%s tells nothing', (_, bytes) => {
  expect(told(sshParser, [['server', bytes]])).toEqual([])
})

test('a packet that cannot be one ends the reading, and keeps the version', () => {
  const bad = joined(text('SSH-2.0-a\n'), number(0xffffffff, 4), new Uint8Array(100))
  const [facts] = told(sshParser, [['client', bad]])
  expect(facts?.ssh?.client).toEqual({ protocol_version: '2.0', software_version: 'a' })
})

test('a long packet before the algorithms is passed over', () => {
  const [facts] = told(sshParser, [
    ['client', joined(text('SSH-2.0-a\n'), sshPacket(2, new Uint8Array(34_000)), kexInit(none))],
  ])
  expect(facts?.ssh?.client?.hassh_algorithms).toBe(';;;')
})

test('recognised by its first six bytes', () => {
  expect(sshParser.recognise('client', text('SSH-2.'), tcp)).toBe('yes')
  expect(sshParser.recognise('client', text('SSH'), tcp)).toBe('maybe')
  expect(sshParser.recognise('client', text('SSH is good\n'), tcp)).toBe('no')
})
