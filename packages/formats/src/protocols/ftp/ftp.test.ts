import { expect, test } from 'vitest'
import { type Conversation, tcp, text, told } from '../testing/converse.ts'
import { officeSamples } from '../testing/office-samples.ts'
import { ftpParser } from './index.ts'

const said = officeSamples.find(({ name }) => name === 'ftp')?.said ?? []
const plain = { command_truncated: false, reply_truncated: false }

test('every command with its answers, where data goes, and no password', () => {
  const user = 'anonymous'
  const active = { type: 'active', address: '192.0.2.1', port: 1025 }
  expect(told(ftpParser, said).map(({ ftp }) => ftp)).toEqual([
    { ...plain, codes: [220], command_responses: ['Welcome', ' to all', 'FTP server'] },
    { ...plain, command: 'USER', argument: user, codes: [331], command_responses: ['Password?'], user },
    { ...plain, command: 'PASS', codes: [230], command_responses: ['In'], user },
    {
      ...plain,
      command: 'PORT',
      argument: '192,0,2,1,4,1',
      codes: [200],
      command_responses: ['Ok'],
      user,
      ...active,
    },
    {
      ...plain,
      command: 'RETR',
      argument: 'dir/a.exe',
      codes: [150, 226],
      command_responses: ['Here', 'Done'],
      user,
      name: 'dir/a.exe',
      ...active,
    },
    {
      ...plain,
      command: 'EPSV',
      codes: [229],
      command_responses: ['Entering (|||6446|)'],
      user,
      type: 'passive',
      port: 6446,
    },
    {
      ...plain,
      command: 'STOR',
      argument: 'b',
      codes: [150, 226],
      command_responses: ['Go', 'Done'],
      user,
      name: 'b',
      type: 'passive',
      port: 6446,
    },
    { ...plain, command: 'QUIT', codes: [221], command_responses: ['Bye'], user },
  ])
})

test.each<[string, string, object]>([
  [
    'PASV',
    '227 Entering Passive Mode (198,51,100,7,19,137).',
    { type: 'passive', address: '198.51.100.7', port: 5001 },
  ],
  ['EPRT |2|2001:db8::1|5282|', '200 Ok', { type: 'active', address: '2001:db8::1', port: 5282 }],
])('%s tells where data goes', (command, answer, expected) => {
  const conversation: Conversation = [
    ['client', text(`${command}\r\n`)],
    ['server', text(`${answer}\r\n`)],
  ]
  expect(told(ftpParser, conversation)).toMatchObject([{ ftp: expected }])
})

test('a line beyond 4 KiB is cut, and the next one is whole', () => {
  const facts = told(ftpParser, [['client', text(`RETR ${'x'.repeat(9000)}\r\nRETR b\r\n`)]])
  expect(facts).toMatchObject([
    { ftp: { command: 'RETR', command_truncated: true } },
    { ftp: { command: 'RETR', argument: 'b', command_truncated: false } },
  ])
  expect(facts[0]?.ftp?.argument).toHaveLength(4091)
})

test('after AUTH TLS another protocol is spoken', () => {
  const session = ftpParser.open(tcp)
  const tell = (): void => undefined
  expect(session.push('client', text('AUTH TLS\r\n'), 1, tell)).toBe('more')
  expect(session.push('server', text('234 Go on\r\n'), 2, tell)).toBe('other')
})

test.each<['client' | 'server', string, number, string]>([
  ['server', '220 ProFTPD ready\r\n', 4000, 'yes'],
  ['server', '220 mail.example.com ESMTP\r\n', 4000, 'no'],
  ['server', '220 Hello\r\n', 21, 'yes'],
  ['server', '220 Hello\r\n', 4000, 'maybe'],
  ['client', 'USER bob\r\n', 4000, 'yes'],
  ['client', 'USER a b c :d\r\n', 6667, 'no'],
  ['client', 'QUIT\r\n', 21, 'yes'],
  ['client', 'GET / HTTP/1.1\r\n', 4000, 'no'],
])('%s: %j on port %i: %s', (speaker, line, serverPort, answer) => {
  expect(ftpParser.recognise(speaker, text(line), { ...tcp, serverPort })).toBe(answer)
})
