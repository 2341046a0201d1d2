import { open } from 'node:fs/promises'
import { CodedError } from '@vedette/base'
import type { FeedSettings, FeedState } from '@vedette/model'
import { LONGEST_TEXT } from '../indicator-form.ts'
import { checkHash, checkSignature, sha256Of } from './check-document.ts'
import type { Resolve } from './checked-address.ts'
import { type Budget, getDocument } from './get-document.ts'
import { readMispFolder } from './misp-folder.ts'
import { type Ask, readCollection } from './taxii.ts'

/** What a feed gave. */
export type FeedAnswer =
  | { readonly changed: false }
  | {
      readonly changed: true
      readonly text: string
      /** Form of the text, where the kind of the feed tells it. */
      readonly format?: 'stix' | 'misp'
      readonly sha256: string
      readonly sizeBytes: number
      readonly etag?: string
      readonly lastModified?: string
      readonly addedAfter?: string
    }

export interface ReadFeedOptions {
  /** Default: 96 MiB within two minutes. */
  readonly budget?: Budget
  readonly resolve?: Resolve
}

const BUDGET: Budget = { maxBytes: LONGEST_TEXT, withinMs: 120_000 }

/**
 * Asks a feed for what it has, if that is new since the state. A document with a hash or a key is checked before
 * anybody reads it.
 *
 * @throws {CodedError} why there is no answer: `feed-...`
 */
export async function readFeed(
  settings: FeedSettings,
  state: FeedState,
  options: ReadFeedOptions,
  signal: AbortSignal,
): Promise<FeedAnswer> {
  const budget = options.budget ?? BUDGET
  if (settings.kind === 'file') return readFile(settings, state, budget)
  const url = URL.parse(settings.url)
  if (url === null) throw new CodedError('feed-url', 'The URL of the feed is none')
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(budget.withinMs)])
  const authorization: Record<string, string> =
    settings.authorization === undefined ? {} : { authorization: settings.authorization }
  const ask: Ask = (at, headers, own) =>
    getDocument(
      at,
      {
        reach: settings,
        budget: own,
        headers: { ...authorization, ...headers },
        ...(options.resolve && { resolve: options.resolve }),
      },
      deadline,
    )
  if (settings.kind === 'taxii') {
    const { collection, append } = settings
    const addedAfter = append ? state.addedAfter : undefined
    const collected = await readCollection(url, { collection, addedAfter, budget }, ask)
    const text = JSON.stringify({ type: 'bundle', objects: collected.objects })
    return {
      ...documentOf(Buffer.from(text)),
      format: 'stix',
      ...(collected.addedAfter !== undefined && { addedAfter: collected.addedAfter }),
    }
  }
  const isFolder = settings.kind === 'misp'
  const folder = isFolder ? new URL(settings.url.endsWith('/') ? settings.url : `${settings.url}/`) : url
  const got = await ask(isFolder ? new URL('manifest.json', folder) : url, conditions(state), budget)
  if (got.status === 304) return { changed: false }
  await checkedBy(settings, got.body, url, ask)
  const { etag, 'last-modified': lastModified } = got.headers
  const marks = {
    ...(etag !== undefined && { etag: etag.slice(0, 500) }),
    ...(lastModified !== undefined && { lastModified: lastModified.slice(0, 100) }),
  }
  if (!isFolder) return { ...documentOf(got.body), ...marks }
  const text = await readMispFolder(folder, got, budget, ask)
  return { ...documentOf(Buffer.from(text)), format: 'misp', ...marks }
}

/** RFC 9110, section 13.1: only if it is another than the one that we have. */
function conditions({ etag, lastModified }: FeedState): Record<string, string> {
  if (etag !== undefined) return { 'if-none-match': etag }
  return lastModified === undefined ? {} : { 'if-modified-since': lastModified }
}

async function checkedBy(
  { sha256, public_key: key, signature_url: signatureUrl }: FeedSettings,
  document: Buffer,
  url: URL,
  ask: Ask,
): Promise<void> {
  if (sha256 !== undefined) checkHash(document, sha256)
  if (key === undefined) return
  const at = URL.parse(signatureUrl ?? signatureOf(url))
  if (at === null) throw new CodedError('feed-url', 'The URL of the signature is none')
  const { body } = await ask(at, {}, { maxBytes: 4096, withinMs: 30_000 })
  checkSignature(document, body, key)
}

function signatureOf(url: URL): string {
  const beside = new URL(url)
  beside.pathname += '.sig'
  return beside.href
}

function documentOf(document: Buffer) {
  return {
    changed: true,
    text: document.toString('utf8'),
    sha256: sha256Of(document),
    sizeBytes: document.length,
  } as const
}

/** A file of this machine, taken anew when its time or size is another. */
async function readFile(settings: FeedSettings, state: FeedState, { maxBytes }: Budget): Promise<FeedAnswer> {
  try {
    await using file = await open(settings.url, 'r')
    const { mtimeMs, size } = await file.stat()
    const etag = `${mtimeMs} ${size}`
    if (state.etag === etag) return { changed: false }
    if (size > maxBytes) throw new CodedError('feed-too-large', `The file is larger than ${maxBytes} bytes`)
    const document = await file.readFile()
    if (settings.sha256 !== undefined) checkHash(document, settings.sha256)
    return { ...documentOf(document), etag }
  } catch (error) {
    if (error instanceof CodedError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new CodedError('feed-unreadable', `The file cannot be read: ${code ?? 'unknown'}`, { cause: error })
  }
}
