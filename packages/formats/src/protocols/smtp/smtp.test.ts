import { expect, test } from 'vitest'
import { type Conversation, tcp, text, told } from '../testing/converse.ts'
import { officeSamples } from '../testing/office-samples.ts'
import { smtpParser } from './index.ts'

const said = officeSamples.find(({ name }) => name === 'smtp')?.said ?? []

test('two mails: envelope, header, names of files, who logged on, and no password', () => {
  const facts = told(smtpParser, said)
  const greeted = {
    banner: 'mail.example.com ESMTP Postfix',
    smtp_hello: 'client.example.com',
    user: 'alice',
  }
  expect(facts).toEqual([
    {
      smtp: {
        ...greeted,
        smtp_from: 'a@example.com',
        smtp_to: ['b@example.com'],
        from: '"A, B" <a@example.com>',
        to: ['<b@example.com>', '"C, D" <c@example.com>'],
        subject: 'Invoice €',
        message_uid: '<1@example.com>',
        received: ['from a by b\tfor c; today'],
        attachments: ['invoice.exe'],
        size: 412,
        code: 250,
        complete: true,
      },
    },
    {
      smtp: {
        ...greeted,
        smtp_from: '',
        smtp_to: ['c@example.com'],
        subject: 'hi',
        size: 14,
        code: 250,
        complete: true,
      },
    },
  ])
  expect(JSON.stringify(facts)).not.toContain('secret')
})

const mail = (...lines: string[]): Conversation => [
  ['client', text(`EHLO x\r\nMAIL FROM:<a@b>\r\nDATA\r\n${lines.join('\r\n')}\r\n.\r\n`)],
]

test.each<[string, string[], string[]]>([
  [
    'a name in pieces of another alphabet (RFC 2231)',
    [
      'Content-Type: application/pdf',
      "Content-Disposition: attachment; filename*=utf-8''%e2%82%ac.pdf",
      '',
      'x',
    ],
    ['€.pdf'],
  ],
  ['a name of the type alone', ['Content-Type: application/zip; name=a.zip', '', 'x'], ['a.zip']],
  [
    'parts within parts, and a mail within a mail',
    [
      'Content-Type: multipart/mixed; boundary=o',
      '',
      '--o',
      'Content-Type: multipart/alternative; boundary=i',
      '',
      '--i',
      'Content-Type: text/html; name="1.html"',
      '',
      '--i--',
      '--o',
      'Content-Type: message/rfc822',
      '',
      'Subject: inner',
      'Content-Type: image/png; name="2.png"',
      '',
      '--o--',
    ],
    ['1.html', '2.png'],
  ],
])('%s', (_, lines, attachments) => {
  const [facts] = told(smtpParser, mail(...lines))
  expect(facts?.smtp).toMatchObject({ attachments, complete: true })
  expect(facts?.smtp?.subject).toBeUndefined()
})

test.each<[string, string[], string[]]>([
  [
    'plain text',
    ['', 'See https://a.example/x, or (http://b.example).'],
    ['https://a.example/x', 'http://b.example'],
  ],
  [
    'quoted printable, over the end of a line',
    [
      'Content-Type: text/html',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      '<a href=3D"http://a.example/=',
      'b?c=3Dd">',
    ],
    ['http://a.example/b?c=d'],
  ],
  [
    'base64, over the end of a line',
    [
      'Content-Type: text/plain',
      'Content-Transfer-Encoding: base64',
      '',
      ...(Buffer.from('go to http://long.example.com/path now')
        .toString('base64')
        .match(/.{1,18}/g) ?? []),
    ],
    ['http://long.example.com/path'],
  ],
])('addresses of the web in %s', (_, lines, urls) => {
  expect(told(smtpParser, mail(...lines))[0]?.smtp?.urls).toEqual(urls)
})

test('no addresses are looked for in files', () => {
  const facts = told(smtpParser, mail('Content-Type: application/pdf', '', 'http://a.example'))
  expect(facts[0]?.smtp).not.toHaveProperty('urls')
})

test('what the server refuses is no part of the mail', () => {
  const facts = told(smtpParser, [
    ['server', text('220 x ESMTP\r\n')],
    ['client', text('HELO x\r\n')],
    ['server', text('250 Ok\r\n')],
    ['client', text('MAIL FROM:<a@b>\r\nRCPT TO:<no@b>\r\nRCPT TO:<c@b>\r\nDATA\r\n')],
    ['server', text('250 Ok\r\n550 No\r\n250 Ok\r\n451 Not now\r\n')],
    ['client', text('QUIT\r\n')],
  ])
  expect(facts).toMatchObject([{ smtp: { smtp_from: 'a@b', smtp_to: ['c@b'], complete: false } }])
})

test('a connection without a mail is told once; after STARTTLS another protocol is spoken', () => {
  expect(told(smtpParser, [['client', text('EHLO scanner\r\nQUIT\r\n')]])).toEqual([
    { smtp: { smtp_hello: 'scanner' } },
  ])
  const session = smtpParser.open(tcp)
  const found: unknown[] = []
  const tell = (_: string, facts: unknown): void => void found.push(facts)
  session.push('server', text('220 x ESMTP\r\n'), 1, tell)
  session.push('client', text('EHLO y\r\n'), 1, tell)
  session.push('server', text('250 STARTTLS\r\n'), 1, tell)
  session.push('client', text('STARTTLS\r\n'), 1, tell)
  expect(session.push('server', text('220 Go\r\n'), 1, tell)).toBe('other')
  session.end(2, tell)
  expect(found).toEqual([{ smtp: { banner: 'x ESMTP', smtp_hello: 'y', starttls: true } }])
})

test('the name that AUTH PLAIN gives at once', () => {
  const credentials = Buffer.from('\0bob\0secret').toString('base64')
  const facts = told(smtpParser, [
    ['client', text(`EHLO x\r\nAUTH PLAIN ${credentials}\r\nMAIL FROM:<a@b>\r\n`)],
  ])
  expect(facts).toMatchObject([{ smtp: { user: 'bob' } }])
})
