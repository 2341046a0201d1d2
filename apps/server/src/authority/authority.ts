import { createHash, createPublicKey, type KeyObject, randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { networkInterfaces, hostname } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@vedette/base'
import { type Keyring, readSealedFile, writeSealedFile } from '@vedette/store/keys'
import { type AgentName, agentUri, serverUri } from './agent-name.ts'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
} from './x509.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000
const AUTHORITY_DAYS = 3650
const SERVER_DAYS = 397
/** A host whose clock is a little behind takes a new certificate all the same. */
const CLOCK_SKEW_MS = 300_000
const MAX_REQUEST = 4096

/** A certificate for an agent, PEM, and what is kept of it. */
export interface IssuedCertificate {
  readonly pem: string
  readonly serial: string
  readonly issuedAt: number
  readonly expiresAt: number
}

/** What an agent asks to be certified: its public key, of which it has shown that it has the private one. */
export interface CertificateRequest {
  readonly publicKey: CryptoKey
  /** SHA-256 of the key (SubjectPublicKeyInfo), 64 hex digits. */
  readonly keyHash: string
}

/** Key and certificate of a TLS server, PEM. */
export interface ServerIdentity {
  readonly key: string
  /** With the authority's own behind it, which agents pin. */
  readonly certificate: string
}

/**
 * The certificate authority of one server: ECDSA with P-256 and SHA-256, its key in `authority/` (0600, sealed) of the server's home.
 * It signs nothing but this server's own certificate, agents' certificates, the list of revoked ones, and the key that signs
 * what agents are assigned.
 */
export class Authority {
  /** 32 hex digits of the SHA-256 of its public key; stands in every certificate. */
  readonly serverId: string
  /** PEM. */
  readonly certificate: string
  /** `sha256:` and the SHA-256 of its certificate in 64 hex digits. */
  readonly fingerprint: string
  readonly publicKey: KeyObject
  readonly #issuer: X509Certificate
  readonly #key: CryptoKey
  readonly #clock: Clock

  private constructor(issuer: X509Certificate, key: CryptoKey, clock: Clock) {
    this.#issuer = issuer
    this.#key = key
    this.#clock = clock
    this.certificate = issuer.toString('pem')
    this.fingerprint = `sha256:${createHash('sha256').update(Buffer.from(issuer.rawData)).digest('hex')}`
    this.publicKey = createPublicKey(this.certificate)
    this.serverId = hashOf(issuer.publicKey.rawData).slice(0, 32)
  }

  /**
   * Reads key and certificate, or makes them at the first start.
   *
   * @param keys what its own key is sealed with
   * @throws {CodedError} `key-refused` when others can read the key, or when the files do not belong together; `key-lost`
   */
  static async open(folder: string, clock: Clock, keys: Keyring): Promise<Authority> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const file = join(folder, 'authority.pem')
    let text = readSealedFile(keys, file)
    if (text === undefined) {
      text = await makeAuthority(clock.now())
      writeSealedFile(keys, file, text)
    }
    const key = await importKey(text)
    return new Authority(new X509Certificate(pemOf(text, 'CERTIFICATE')), key, clock)
  }

  /**
   * Reads a request (PKCS #10, RFC 2986): only its key is taken, whatever else it asks for, and only when it is signed with
   * that key. Left out when it is none, or not for ECDSA with P-256.
   */
  async readRequest(pem: string): Promise<CertificateRequest | undefined> {
    if (pem.length > MAX_REQUEST) return undefined
    try {
      const request = new Pkcs10CertificateRequest(pem)
      const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({
        key: Buffer.from(request.publicKey.rawData),
        format: 'der',
        type: 'spki',
      })
      if (asymmetricKeyType !== 'ec' || asymmetricKeyDetails?.namedCurve !== 'prime256v1') return undefined
      if (!(await request.verify())) return undefined
      const publicKey = await request.publicKey.export(ALGORITHM, ['verify'])
      return { publicKey, keyHash: hashOf(request.publicKey.rawData) }
    } catch {
      return undefined
    }
  }

  /** A certificate for an agent's key; it opens what that agent may do and nothing else. */
  async issue(
    { publicKey }: Pick<CertificateRequest, 'publicKey'>,
    name: AgentName,
    validMs: number,
  ): Promise<IssuedCertificate> {
    return this.#sign({
      publicKey,
      subject: name.agent,
      names: [{ type: 'url', value: agentUri(this.serverId, name) }],
      usage: ExtendedKeyUsage.clientAuth,
      validMs,
    })
  }

  /** A new key and certificate for this server, for every start: nothing of it is kept. */
  async serverIdentity(host: string): Promise<ServerIdentity> {
    const { publicKey, privateKey } = await newKeys()
    const { pem } = await this.#sign({
      publicKey,
      subject: 'Vedette server',
      names: [{ type: 'url', value: serverUri(this.serverId) }, ...addressesOf(host)],
      usage: ExtendedKeyUsage.serverAuth,
      validMs: SERVER_DAYS * DAY_MS,
    })
    return { key: await privatePem(privateKey), certificate: `${pem}\n${this.certificate}\n` }
  }

  /** ECDSA with SHA-256 over bytes that begin with what they are; r and s, 32 bytes each. */
  async signBytes(bytes: Uint8Array<ArrayBuffer>): Promise<Buffer> {
    return Buffer.from(await crypto.subtle.sign(ALGORITHM, this.#key, bytes))
  }

  /** The list of revoked certificates (RFC 5280, section 5), PEM, labelled as OpenSSL reads it. */
  async revocationList(
    revoked: Iterable<{ readonly serial: string; readonly revokedAt: number }>,
  ): Promise<string> {
    const now = this.#clock.now()
    const list = await X509CrlGenerator.create({
      issuer: this.#issuer.subject,
      // As old as certificates may seem on a machine whose clock was set back.
      thisUpdate: new Date(now - CLOCK_SKEW_MS),
      nextUpdate: new Date(now + AUTHORITY_DAYS * DAY_MS),
      signingAlgorithm: ALGORITHM,
      signingKey: this.#key,
      entries: [...revoked].map(({ serial, revokedAt }) => ({
        serialNumber: serial,
        revocationDate: new Date(revokedAt),
      })),
    })
    return list.toString('pem').replaceAll(/(BEGIN|END) CRL/g, '$1 X509 CRL')
  }

  async #sign(wanted: {
    readonly publicKey: CryptoKey
    readonly subject: string
    readonly names: readonly { readonly type: 'url' | 'dns' | 'ip'; readonly value: string }[]
    readonly usage: ExtendedKeyUsage
    readonly validMs: number
  }): Promise<IssuedCertificate> {
    const issuedAt = this.#clock.now()
    const expiresAt = issuedAt + wanted.validMs
    const serial = newSerial()
    const certificate = await X509CertificateGenerator.create({
      serialNumber: serial,
      subject: `CN=${wanted.subject}`,
      issuer: this.#issuer.subject,
      notBefore: new Date(issuedAt - CLOCK_SKEW_MS),
      notAfter: new Date(expiresAt),
      signingAlgorithm: ALGORITHM,
      publicKey: wanted.publicKey,
      signingKey: this.#key,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([wanted.usage], true),
        new SubjectAlternativeNameExtension([...wanted.names], false),
        await AuthorityKeyIdentifierExtension.create(this.#issuer.publicKey),
      ],
    })
    return { pem: certificate.toString('pem'), serial, issuedAt, expiresAt }
  }
}

async function makeAuthority(now: number): Promise<string> {
  const keys = await newKeys()
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: `CN=Vedette authority ${randomBytes(4).toString('hex')}`,
    notBefore: new Date(now - CLOCK_SKEW_MS),
    notAfter: new Date(now + AUTHORITY_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return `${await privatePem(keys.privateKey)}${certificate.toString('pem')}\n`
}

function newKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

/** 127 random bits, positive, without a leading zero: as long as it is, wherever it is written. */
function newSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}

function hashOf(raw: ArrayBuffer): string {
  return createHash('sha256').update(Buffer.from(raw)).digest('hex')
}

async function privatePem(key: CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${der.replaceAll(/.{64}/g, '$&\n').trim()}\n-----END PRIVATE KEY-----\n`
}

function importKey(text: string): Promise<CryptoKey> {
  const base64 = pemOf(text, 'PRIVATE KEY').replaceAll(/-----[^-]+-----|\s/g, '')
  return crypto.subtle.importKey('pkcs8', Buffer.from(base64, 'base64'), ALGORITHM, false, ['sign'])
}

function pemOf(text: string, label: string): string {
  return new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`).exec(text)?.[0] ?? ''
}

/** By which names and addresses others reach this machine; agents go by the URI. */
function addressesOf(host: string): { readonly type: 'dns' | 'ip'; readonly value: string }[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((found) => found ?? [])
    .map(({ address }) => address.split('%')[0] ?? '')
  const isAddress = /^[0-9.]+$|:/.test(host)
  return [
    ...[...new Set(['localhost', hostname(), ...(isAddress ? [] : [host])])].map((value) => ({
      type: 'dns' as const,
      value,
    })),
    ...[...new Set(addresses)].slice(0, 64).map((value) => ({ type: 'ip' as const, value })),
  ]
}
