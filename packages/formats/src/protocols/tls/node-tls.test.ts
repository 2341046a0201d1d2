import { once } from 'node:events'
import { Duplex, duplexPair } from 'node:stream'
import tls from 'node:tls'
import type { TlsFacts } from '@vedette/model'
import { expect, test } from 'vitest'
import type { Speaker } from '../protocol-parser.ts'
import { certificate, certificateKey, pem } from '../testing/certificate.ts'
import { text } from '../testing/converse.ts'
import { tlsParser } from './index.ts'

const subject = [['2.5.4.3', 12, text('sensor.example.com')]] as const
const cert = pem(certificate({ subject, issuer: subject, sans: [[0x82, text('sensor.example.com')]] }))

interface Seen {
  readonly facts: TlsFacts | undefined
  readonly cipher: string
  readonly protocol: string | null
  readonly session: Buffer | undefined
}

/** A real handshake between two ends in this process, and what the parser tells of the bytes between them. */
async function handshake(options: tls.ConnectionOptions, server: tls.TlsOptions): Promise<Seen> {
  const [clientEnd, serverEnd] = duplexPair()
  const found: TlsFacts[] = []
  const parser = tlsParser.open({ transport: 'tcp', clientPort: 1, serverPort: 2 })
  const tell = (_: string, facts: { readonly tls?: TlsFacts }): void => {
    if (facts.tls !== undefined) found.push(facts.tls)
  }
  const tapped = (inner: Duplex, speaker: Speaker): Duplex => {
    const outer = new Duplex({
      read: () => inner.resume(),
      write: (chunk: Buffer, _encoding, done) => {
        parser.push(speaker, chunk, 1, tell)
        inner.write(chunk, done)
      },
      final: (done) => void inner.end(done),
    })
    inner.on('data', (chunk: Buffer) => outer.push(chunk))
    inner.on('end', () => outer.push(null))
    return outer
  }
  const accepted = new tls.TLSSocket(tapped(serverEnd, 'server'), {
    isServer: true,
    cert,
    key: certificateKey,
    ...server,
  })
  accepted.on('error', () => {})
  accepted.write('x')
  const socket = tls.connect({ socket: tapped(clientEnd, 'client'), rejectUnauthorized: false, ...options })
  let session: Buffer | undefined
  socket.on('session', (value: Buffer) => (session = value))
  await once(socket, 'secureConnect')
  await once(socket, 'data')
  const cipher = socket.getCipher().standardName
  const protocol = socket.getProtocol()
  session ??= socket.getSession()
  socket.destroy()
  accepted.destroy()
  return { facts: found[0], cipher, protocol, session }
}

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a real handshake in %s: what both ends agreed on is told',
  async (version) => {
    const { facts, cipher, protocol } = await handshake(
      {
        servername: 'Sensor.example.com',
        ALPNProtocols: ['h2', 'x'],
        minVersion: version,
        maxVersion: version,
      },
      { ALPNProtocols: ['x'] },
    )
    expect(protocol).toBe(version)
    expect(facts).toMatchObject({
      sni: 'sensor.example.com',
      client_alpns: ['h2', 'x'],
      version: version.replace('v', ' '),
      cipher,
      established: true,
    })
    // From 1.3 on both are encrypted.
    expect(facts?.server_alpn).toBe(version === 'TLSv1.2' ? 'x' : undefined)
    expect(facts?.certificate?.subject).toBe(version === 'TLSv1.2' ? 'CN=sensor.example.com' : undefined)
  },
)

test("a client's certificate is told too", async () => {
  const { facts } = await handshake(
    { cert, key: certificateKey, maxVersion: 'TLSv1.2' },
    { requestCert: true, rejectUnauthorized: false },
  )
  expect(facts?.client_certificate).toEqual(facts?.certificate)
  expect(facts?.client_certificate?.sans).toEqual(['sensor.example.com'])
})
