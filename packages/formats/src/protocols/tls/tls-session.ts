import type { CertificateFacts, TlsFacts } from '@vedette/model'
import { ByteReader } from '../bytes/byte-reader.ts'
import type { ProtocolSession, Speaker, Tell, Wants } from '../protocol-parser.ts'
import { alertName } from './alert-names.ts'
import { type ClientHello, readClientHello, readSsl2Hello } from './client-hello.ts'
import { HandshakeStream, SSL_2_HELLO } from './handshake-stream.ts'
import { readServerHello, type ServerHello } from './server-hello.ts'
import { readCertificate, sha256Of } from './x509/certificate.ts'

/** A server sends its certificates, a client seldom more than its hello; both together stay below 64 KiB. */
const MOST_CLIENT_MESSAGE = 16 * 1024
const MOST_SERVER_MESSAGE = 32 * 1024
const MOST_CERTIFICATES = 16
const message = { clientHello: 1, serverHello: 2, certificate: 11, serverHelloDone: 14 } as const

/** A TLS connection up to where it is encrypted. Told once: when both ends have keys, or when it breaks off. */
export class TlsSession implements ProtocolSession {
  readonly #client = new HandshakeStream(MOST_CLIENT_MESSAGE, (type, body, isCut) =>
    this.#take('client', type, body, isCut),
  )
  readonly #server = new HandshakeStream(MOST_SERVER_MESSAGE, (type, body, isCut) =>
    this.#take('server', type, body, isCut),
  )
  readonly #anomalies = new Set<string>()
  #clientHello: ClientHello | undefined
  #serverHello: ServerHello | undefined
  #certificate: CertificateFacts | undefined
  #chain: readonly string[] = []
  #clientCertificate: CertificateFacts | undefined
  #isWholeHandshake = false
  #isTold = false

  push(speaker: Speaker, bytes: Uint8Array, timeMs: number, tell: Tell): Wants {
    if (this.#isTold) return 'nothing'
    const stream = speaker === 'client' ? this.#client : this.#server
    stream.push(bytes)
    const isDone =
      (this.#client.isOver && this.#server.isOver) ||
      this.#client.fatalAlert !== undefined ||
      this.#server.fatalAlert !== undefined
    if (!isDone) return 'more'
    this.#tell(timeMs, tell)
    return 'nothing'
  }

  gap(speaker: Speaker, length: number): Wants {
    if (this.#isTold) return 'nothing'
    if ((speaker === 'client' ? this.#client : this.#server).gap(length)) this.#anomalies.add('gap')
    return 'more'
  }

  end(timeMs: number, tell: Tell): void {
    if (!this.#isTold) this.#tell(timeMs, tell)
  }

  #take(speaker: Speaker, type: number, body: Uint8Array, isCut: boolean): void {
    if (isCut && type !== message.certificate) this.#anomalies.add('truncated')
    if (speaker === 'client' && type === message.clientHello)
      this.#takeClientHello(readClientHello(body, 't'))
    else if (speaker === 'client' && type === SSL_2_HELLO) this.#takeClientHello(readSsl2Hello(body))
    else if (speaker === 'server' && type === message.serverHello) this.#takeServerHello(body)
    else if (type === message.certificate) this.#takeCertificates(speaker, body)
    else if (type === message.serverHelloDone) this.#isWholeHandshake = true
  }

  #takeClientHello(hello: ClientHello | undefined): void {
    // A second one answers a retry; the first is the one that tells programs apart.
    if (this.#clientHello !== undefined) return
    this.#clientHello = hello
    if (this.#clientHello === undefined) this.#anomalies.add('hello')
  }

  #takeServerHello(body: Uint8Array): void {
    if (this.#serverHello !== undefined && !this.#serverHello.isRetry) return
    const hello = readServerHello(body)
    if (hello === undefined) this.#anomalies.add('hello')
    else this.#serverHello = hello
    this.#server.ignoresChangeOfKeys = hello?.isRetry === true
  }

  /** RFC 5246, 7.4.2: a list of certificates, the end's own first. */
  #takeCertificates(speaker: Speaker, body: Uint8Array): void {
    const reader = new ByteReader(body)
    const list = reader.part(reader.u24())
    const chain: string[] = []
    let own: CertificateFacts | undefined
    while (list.left > 3 && chain.length < MOST_CERTIFICATES) {
      const bytes = list.take(list.u24())
      if (list.short) break
      if (chain.length === 0) {
        own = readCertificate(bytes)
        if (own === undefined) this.#anomalies.add('certificate')
      }
      chain.push(own !== undefined && chain.length === 0 ? own.sha256 : sha256Of(bytes))
    }
    if (reader.short || list.short) this.#anomalies.add('truncated')
    if (speaker === 'client') this.#clientCertificate ??= own
    else if (this.#chain.length === 0) {
      this.#certificate = own
      this.#chain = chain
    }
  }

  #tell(timeMs: number, tell: Tell): void {
    this.#isTold = true
    const hello = this.#clientHello
    const chosen = this.#serverHello
    if (hello === undefined && chosen === undefined && this.#certificate === undefined) return
    const alert = this.#server.fatalAlert ?? this.#client.fatalAlert
    const tls: TlsFacts = {
      ...hello?.facts,
      ...chosen?.facts,
      established: chosen !== undefined && this.#client.isEncrypted && this.#server.isEncrypted,
      ...(this.#isResumed() ? { session_resumed: true } : {}),
      ...(this.#certificate === undefined ? {} : { certificate: this.#certificate }),
      ...(this.#chain.length === 0 ? {} : { certificate_chain: this.#chain }),
      ...(this.#clientCertificate === undefined ? {} : { client_certificate: this.#clientCertificate }),
      ...(alert === undefined ? {} : { alert: alertName(alert) }),
      ...(this.#anomalies.size === 0 ? {} : { anomalies: [...this.#anomalies] }),
    }
    tell('tls', { tls }, timeMs)
  }

  /** RFC 5246, 7.3: a server that resumes goes on with keys at once. */
  #isResumed(): boolean {
    const chosen = this.#serverHello
    if (chosen === undefined) return false
    if (chosen.isTls13) return chosen.hasSharedKey
    return this.#server.isEncrypted && !this.#isWholeHandshake && this.#chain.length === 0
  }
}
