import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { CodedError } from '@vedette/base'
import { checkedAddress, type Reach, type Resolve } from './checked-address.ts'

/** What one question may cost. */
export interface Budget {
  /** Of a document, unpacked. */
  readonly maxBytes: number
  /** From the question to the last byte. */
  readonly withinMs: number
}

export interface GetOptions {
  readonly reach: Reach
  readonly budget: Budget
  readonly headers?: Readonly<Record<string, string>>
  readonly resolve?: Resolve
}

export interface Got {
  /** 200 to 299, or 304. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Unpacked at a time: each time waits for a thread. */
const UNPACK_BYTES = 1 << 18
const MOST_REDIRECTS = 3

/**
 * Asks for a document: within its budget, from an address that was looked at, and from nowhere else: a redirection is
 * followed within the same origin alone. Packed documents (gzip) are unpacked, and count as what they unpack to.
 *
 * @throws {CodedError} those of `checkedAddress`; `feed-redirect`, `feed-status`, `feed-too-large`, `feed-too-slow`,
 *   `feed-unreachable`
 */
export async function getDocument(url: URL, options: GetOptions, signal: AbortSignal): Promise<Got> {
  const late = AbortSignal.timeout(options.budget.withinMs)
  const either = AbortSignal.any([signal, late])
  try {
    let at = url
    for (let hops = 0; ; hops += 1) {
      const got = await getOnce(at, options, either)
      if (got.status < 300 || got.status === 304) return got
      const target = got.headers['location']
      if (got.status >= 400 || target === undefined) {
        throw new CodedError('feed-status', `The feed answered ${got.status}`)
      }
      const next = URL.parse(target, at.href)
      if (next?.origin !== url.origin || hops === MOST_REDIRECTS) {
        throw new CodedError(
          'feed-redirect',
          'The feed leads elsewhere: redirections are followed within its own origin alone',
        )
      }
      at = next
    }
  } catch (error) {
    if (error instanceof CodedError) throw error
    // The signal may be a deadline too, that of a feed of many documents.
    const isLate =
      late.aborted || (signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError')
    if (isLate) throw new CodedError('feed-too-slow', 'The feed took longer than it may')
    signal.throwIfAborted()
    const reason =
      error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error)
    throw new CodedError('feed-unreachable', `The feed cannot be reached: ${reason.slice(0, 200)}`, {
      cause: error,
    })
  }
}

async function getOnce(
  url: URL,
  { reach, budget, headers, resolve }: GetOptions,
  signal: AbortSignal,
): Promise<Got> {
  const { address, family } = await checkedAddress(url, reach, resolve)
  signal.throwIfAborted()
  const { request } = url.protocol === 'https:' ? https : http
  const answer = await new Promise<IncomingMessage>((resolveAnswer, reject) => {
    const asked = request(
      url,
      {
        agent: false,
        signal,
        maxHeaderSize: 32_768,
        headers: { 'user-agent': 'vedette', accept: '*/*', 'accept-encoding': 'gzip, identity', ...headers },
        // The address that was looked at, whatever the name would say now.
        lookup: (_host, lookupOptions, done) => {
          if (lookupOptions.all === true) done(null, [{ address, family }])
          else done(null, address, family)
        },
      },
      resolveAnswer,
    )
    asked.once('error', reject)
    asked.end()
  })
  const status = answer.statusCode ?? 0
  const plainHeaders = Object.fromEntries(
    Object.entries(answer.headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  )
  if (status < 200 || status >= 300) {
    answer.destroy()
    return { status, headers: plainHeaders, body: Buffer.alloc(0) }
  }
  const raw = await gather(answer, budget.maxBytes, signal, answer.headers['content-encoding'] === 'gzip')
  // A file that is packed itself: `list.csv.gz`.
  const isPacked = raw[0] === 0x1f && raw[1] === 0x8b
  const body = isPacked ? await gather(Readable.from([raw]), budget.maxBytes, signal, true) : raw
  return { status, headers: plainHeaders, body }
}

async function gather(
  source: Readable,
  maxBytes: number,
  signal: AbortSignal,
  unpack: boolean,
): Promise<Buffer> {
  const pieces: Buffer[] = []
  let size = 0
  const sink = async (stream: AsyncIterable<Buffer>) => {
    for await (const piece of stream) {
      size += piece.length
      if (size > maxBytes) throw new CodedError('feed-too-large', `The feed is larger than ${maxBytes} bytes`)
      pieces.push(piece)
    }
  }
  if (unpack) await pipeline(source, createGunzip({ chunkSize: UNPACK_BYTES }), sink, { signal })
  else await pipeline(source, sink, { signal })
  return Buffer.concat(pieces)
}
