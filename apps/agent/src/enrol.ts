import { createHash } from 'node:crypto'
import { request } from 'node:https'
import { connect, type ConnectionOptions, type DetailedPeerCertificate } from 'node:tls'
import { CodedError, type Secret } from '@vedette/base'
import { z } from 'zod'
import { certificateRequest } from './certificate-request.ts'
import { type Identity, machineId, tlsOptions, trustOptions } from './identity.ts'

export { newKey } from './certificate-request.ts'

const WITHIN_MS = 15_000
const MAX_ANSWER_BYTES = 65_536
const MAX_CHAIN = 8

const answerSchema = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('enrolled'),
    agent: z.string().regex(/^[0-9a-f]{16}$/),
    tenant: z.string().max(64),
    certificate: z.string().max(16_384),
  }),
  z.object({ state: z.literal('pending'), agent: z.string().max(64), key: z.string().max(128) }),
])
const faultSchema = z.object({ error: z.object({ code: z.string(), message: z.string().max(1000) }) })

/** Who waits to be approved: the id to approve, and the key to compare. */
export interface Waiting {
  readonly state: 'pending'
  readonly agent: string
  readonly key: string
}

/**
 * The authority of a server, known by its fingerprint. Nothing is sent before the server has shown it.
 *
 * @param fingerprint `sha256:` and 64 hex digits
 * @throws {CodedError} `server-unreachable`, `server-not-trusted`
 */
export async function fetchAuthority(server: string, fingerprint: string): Promise<string> {
  const { hostname, port } = new URL(server)
  const chain = await new Promise<DetailedPeerCertificate[]>((resolve, reject) => {
    const host = hostname.replace(/^\[(.*)\]$/, '$1')
    // It proves nothing here: its authority is looked for, and then it has to prove that it is of it.
    const socket = connect(
      { host, port: Number(port) || 443, rejectUnauthorized: false, timeout: WITHIN_MS },
      () => {
        resolve(chainOf(socket.getPeerCertificate(true)))
        socket.destroy()
      },
    )
    socket.once('timeout', () => socket.destroy(new Error('no answer')))
    socket.once('error', (error) => reject(unreachable(server, error)))
  })
  const found = chain.find(
    ({ raw }) => `sha256:${createHash('sha256').update(raw).digest('hex')}` === fingerprint,
  )
  if (found === undefined) {
    throw new CodedError(
      'server-not-trusted',
      `${server} shows another authority than ${fingerprint}: it is not the server that was meant`,
    )
  }
  const lines = found.raw.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

/**
 * Asks to be enrolled with a key of this host.
 *
 * @throws {CodedError} `server-unreachable`, or the server's own code, such as `enrolment-refused`
 */
export async function enrol(options: {
  readonly server: string
  readonly authority: string
  readonly key: string
  readonly secret: Secret | undefined
  readonly hostname: string
  readonly now: number
}): Promise<Identity | Waiting> {
  const { server, authority, key, secret, hostname, now } = options
  const answer = await post(`${server}/agent/v1/enroll`, trustOptions(authority), {
    csr: certificateRequest(key),
    hostname,
    machine_id: machineId(),
    ...(secret !== undefined && { secret: secret.reveal() }),
  })
  if (answer.state === 'pending') return answer
  const { agent, tenant, certificate } = answer
  return { server, agent, tenant, key, certificate, authority, obtained_at: now }
}

/**
 * A new certificate, for a new key; the old one opens the door.
 *
 * @throws {CodedError} as `enrol` does
 */
export async function renewIdentity(identity: Identity, key: string, now: number): Promise<Identity> {
  const answer = await post(`${identity.server}/agent/v1/renew`, tlsOptions(identity), {
    csr: certificateRequest(key),
  })
  if (answer.state === 'pending') throw new CodedError('enrolment-refused', 'The server lets it wait')
  return { ...identity, tenant: answer.tenant, key, certificate: answer.certificate, obtained_at: now }
}

async function post(
  url: string,
  trust: ConnectionOptions,
  body: object,
): Promise<z.output<typeof answerSchema>> {
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(
      url,
      {
        ...trust,
        method: 'POST',
        agent: false,
        headers: { 'content-type': 'application/json' },
        signal: AbortSignal.timeout(WITHIN_MS),
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part
          if (text.length > MAX_ANSWER_BYTES) sent.destroy(new Error('too long an answer'))
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
        response.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  }).catch((error: unknown) => {
    throw unreachable(url, error)
  })
  const data = parsed(text)
  const answer = answerSchema.safeParse(data)
  if (status < 300 && answer.success) return answer.data
  const fault = faultSchema.safeParse(data)
  throw new CodedError(
    fault.data?.error.code ?? 'server-unreachable',
    fault.data?.error.message ?? `${url} answered ${status}, and not as a server of this kind does`,
  )
}

function chainOf(leaf: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = []
  for (
    let next: DetailedPeerCertificate | undefined = leaf;
    next?.raw !== undefined && chain.length < MAX_CHAIN && !chain.includes(next);
    next = next.issuerCertificate
  ) {
    chain.push(next)
  }
  return chain
}

function unreachable(url: string, error: unknown): CodedError {
  const reason = error instanceof Error ? error.message : String(error)
  return new CodedError('server-unreachable', `No answer from ${url}: ${reason}`, { cause: error })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
