import { expect, test } from 'vitest'
import { recogniseFormat } from './record-formats.ts'

const sshd = 'Nov 20 07:52:01 web sshd[7]: Accepted publickey for root from 192.0.2.1 port 22 ssh2\n'
const access = '192.0.2.1 - - [20/Nov/2026:07:52:01 +0000] "GET / HTTP/1.1" 200 5 "-" "curl"\n'

test.each([
  ['auth.log', 'syslog', sshd, 'Nov 20 07:52:00 web sshd[6]: Invalid user x CEF:0|a|b| from 192.0.2.9\n'],
  ['auth.log', 'syslog', sshd, 'Nov 20 07:52:00 web sshd[6]: Invalid user x LEEF:1.0|a|b| from 192.0.2.9\n'],
  ['access.log', 'access-log', access, access.replace('curl', 'x CEF:0|a|b|c|d|e|f|')],
  // Programs that write what they are given with line feeds in it.
  ['app.log', 'lines', 'all is well\n', '#Fields: date c-ip\n'],
  ['app.log', 'lines', 'all is well\n', '#fields\ta\tb\n'],
  ['app.log', 'lines', 'all is well\n', 'type=SYSCALL msg=audit(1.1:1): a=1\n'],
])('%s stays %s whatever one of its lines says', (fileName, expected, usual, hostile) => {
  const text = usual.repeat(3) + hostile + usual.repeat(20)
  expect(recogniseFormat(Buffer.from(text), fileName).name).toBe(expected)
})
