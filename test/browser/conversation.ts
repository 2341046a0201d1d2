import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Something to see on the network, in a log and in a file, all of it on this machine. */
export interface Conversation extends AsyncDisposable {
  /** Configuration of a house that looks at it. */
  readonly config: string
  /** Who answers: with a page to HTTP, with a hang-up to TLS. */
  readonly port: number
  /** Has a program ask for a page, and greet in TLS for `shop.example`. */
  readonly command: string
  /** A file that is known by its content and rights. */
  readonly file: string
}

export async function prepareConversation(): Promise<Conversation> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-conversation-'))
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (first: Buffer) => {
      socket.end(first[0] === 0x16 ? '' : 'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhello\n')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  // By a name of its own: where this Node stands says nothing.
  symlinkSync(process.execPath, join(folder, 'node'))
  writeFileSync(
    join(folder, 'ask.cjs'),
    `const { request } = require('node:http')
    const greet = () => require('node:tls')
      .connect({ host: '127.0.0.1', port: ${port}, servername: 'shop.example', rejectUnauthorized: false })
      .on('error', () => undefined)
    request({ host: '127.0.0.1', port: ${port}, path: '/basket?of=anna', headers: { 'user-agent': 'asking/1.0' } })
      .on('response', (response) => response.resume().on('end', greet))
      .end()`,
  )
  const log = join(folder, 'auth.log')
  const time = (ago: number) => new Date(Date.now() - ago).toISOString()
  const sshd = (ago: number, text: string) => `${time(ago)} web-1 sshd[812]: ${text}\n`
  writeFileSync(
    log,
    sshd(130_000, 'Failed password for anna from 203.0.113.7 port 50100 ssh2') +
      sshd(120_000, 'Accepted password for anna from 203.0.113.7 port 50111 ssh2') +
      sshd(120_000, 'pam_unix(sshd:session): session opened for user anna(uid=1000) by (uid=0)') +
      sshd(60_000, 'pam_unix(sshd:session): session closed for user anna'),
  )
  const file = join(folder, 'known.conf')
  writeFileSync(file, 'as it is\n')
  chmodSync(file, 0o644)
  const config = join(folder, 'vedette.yml')
  writeFileSync(
    config,
    [
      'collect:',
      '  packet: { enabled: true, interfaces: [lo], ring_bytes: 67108864 }',
      `  file: { paths: [${log}], poll_interval_ms: 50, start: beginning }`,
      `integrity: { paths: [${file}], settle_ms: 100 }`,
      'system_metrics: { interval_seconds: 2 }',
      '',
    ].join('\n'),
  )
  return {
    config,
    port,
    command: `cd ${folder} && ./node ask.cjs; cd - >/dev/null`,
    file,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
