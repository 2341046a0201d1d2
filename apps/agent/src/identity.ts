import { createHash, createPublicKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ConnectionOptions, PeerCertificate } from 'node:tls'
import { CodedError } from '@vedette/base'
import { z } from 'zod'

const pem = z.string().min(1).max(16_384)

/** What an agent that was enrolled keeps, in one file (0600), so that key and certificate always belong together. */
export const identitySchema = z.strictObject({
  /** `https://HOST:PORT` */
  server: z.url(),
  agent: z.string().regex(/^[0-9a-f]{16}$/),
  tenant: z.string().max(64),
  /** PKCS #8; it never leaves this host. */
  key: pem,
  certificate: pem,
  /** The only authority that is trusted. */
  authority: pem,
  /** When the certificate was got, milliseconds since the epoch. */
  obtained_at: z.number(),
})

export type Identity = z.output<typeof identitySchema>

/**
 * Reads the identity of an agent.
 *
 * @throws {CodedError} `not-enrolled`, `identity-refused`
 */
export function readIdentity(path: string): Identity {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new CodedError('not-enrolled', `This host is not enrolled: there is no ${path}`)
    }
    throw new CodedError('identity-refused', `Cannot read ${path}: ${String(error)}`, { cause: error })
  }
  try {
    return identitySchema.parse(JSON.parse(text))
  } catch (error) {
    throw new CodedError('identity-refused', `${path} is not what the enrolment wrote`, { cause: error })
  }
}

/** Writes a file that nobody else may read (0600), in one step, on disk before this resolves. */
export async function writePrivately(path: string, text: string): Promise<void> {
  const next = `${path}.next`
  await rm(next, { force: true })
  const file = await open(next, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(next, path)
  const folder = await open(dirname(path), 'r')
  await folder.sync()
  await folder.close()
}

export async function writeIdentity(path: string, identity: Identity): Promise<void> {
  await writePrivately(path, `${JSON.stringify(identity, undefined, 2)}\n`)
}

/** How this agent connects: TLS 1.3, its own certificate shown, and nobody trusted but its server. */
export function tlsOptions({ key, certificate, authority }: Identity): ConnectionOptions {
  return { key, cert: certificate, ...trustOptions(authority) }
}

/** Trusts the server of one authority, whatever name or address it has. */
export function trustOptions(authority: string): ConnectionOptions {
  const spki = createPublicKey(authority).export({ type: 'spki', format: 'der' })
  const server = createHash('sha256').update(spki).digest('hex').slice(0, 32)
  return {
    ca: authority,
    minVersion: 'TLSv1.3',
    checkServerIdentity: (_host: string, { subjectaltname }: PeerCertificate) =>
      subjectaltname?.split(', ').includes(`URI:vedette://${server}/server`) === true
        ? undefined
        : new Error('this is not the server of the authority'),
  }
}

/** SHA-256 of what names this machine, so that a copy of the agent's home elsewhere is noticed; empty where nothing does. */
export function machineId(): string {
  try {
    const id = readFileSync('/etc/machine-id', 'utf8').trim()
    return id === '' ? '' : createHash('sha256').update(`vedette machine ${id}`).digest('hex')
  } catch {
    return ''
  }
}

/** When the certificate ends, milliseconds since the epoch. */
export function expiryOf({ certificate }: Pick<Identity, 'certificate'>): number {
  return Date.parse(new X509Certificate(certificate).validTo)
}
