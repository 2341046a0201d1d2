import { CodedError } from '@vedette/base'
import { isRecord, parseDocument, textOf } from '../forms/json-document.ts'
import { type Budget, type Got } from './get-document.ts'

/** Asks for one document of the feed. */
export type Ask = (url: URL, headers: Readonly<Record<string, string>>, budget: Budget) => Promise<Got>

const MEDIA_TYPE = 'application/taxii+json;version=2.1'
const MOST_PAGES = 1000

/** What a collection told. */
export interface Collected {
  readonly objects: readonly unknown[]
  /** When its last object was added, by the server's clock; ask from there the next time. */
  readonly addedAfter?: string
}

/**
 * Reads a collection of TAXII 2.1 (OASIS standard, sections 5.1 to 5.5), page after page within one budget.
 *
 * @param start `.../collections/<id>/` with or without `objects/`; or a server's discovery, with the collection's id or title
 * @throws {CodedError} `feed-not-taxii`, `feed-no-collection`, `feed-too-large`
 */
export async function readCollection(
  start: URL,
  options: {
    readonly collection?: string | undefined
    readonly addedAfter?: string | undefined
    readonly budget: Budget
  },
  ask: Ask,
): Promise<Collected> {
  const page = async (url: URL, maxBytes: number) => {
    const got = await ask(url, { accept: MEDIA_TYPE }, { ...options.budget, maxBytes })
    const document = parseDocument(got.body.toString('utf8'), 'taxii')
    if (!isRecord(document))
      throw new CodedError('feed-not-taxii', 'The server does not answer as TAXII 2.1 does')
    return { document, got }
  }
  const url = await objectsUrl(start, options.collection, async (at) => (await page(at, 2 ** 20)).document)
  const objects: unknown[] = []
  let left = options.budget.maxBytes
  let addedAfter = options.addedAfter
  let next: string | undefined
  for (let pages = 0; ; pages += 1) {
    if (pages === MOST_PAGES)
      throw new CodedError('feed-too-large', `The collection has more than ${MOST_PAGES} pages`)
    const at = new URL(url)
    at.searchParams.set('limit', '5000')
    if (options.addedAfter !== undefined) at.searchParams.set('added_after', options.addedAfter)
    if (next !== undefined) at.searchParams.set('next', next)
    const { document, got } = await page(at, left)
    left -= got.body.length
    if (Array.isArray(document['objects'])) for (const object of document['objects']) objects.push(object)
    addedAfter = got.headers['x-taxii-date-added-last']?.slice(0, 40) ?? addedAfter
    next = textOf(document['next'])
    if (document['more'] !== true || next === undefined) break
  }
  return { objects, ...(addedAfter === undefined ? {} : { addedAfter }) }
}

async function objectsUrl(
  start: URL,
  wanted: string | undefined,
  page: (url: URL) => Promise<Readonly<Record<string, unknown>>>,
): Promise<URL> {
  const path = start.pathname.replace(/\/+$/, '')
  if (path.endsWith('/objects')) return new URL(`${start.origin}${path}/`)
  if (/\/collections\/[^/]+$/.test(path)) return new URL(`${start.origin}${path}/objects/`)
  if (wanted === undefined) {
    throw new CodedError(
      'feed-no-collection',
      'Name the collection, or give its own URL (…/collections/<id>/)',
    )
  }
  const discovery = await page(start)
  const roots = [
    discovery['default'],
    ...(Array.isArray(discovery['api_roots']) ? discovery['api_roots'] : []),
  ]
  for (const root of new Set(roots.filter((one) => typeof one === 'string').slice(0, 20))) {
    const at = URL.parse(root.endsWith('/') ? root : `${root}/`, start.href)
    // What the server names has to be its own.
    if (at?.origin !== start.origin) continue
    const { collections } = await page(new URL('collections/', at))
    for (const one of Array.isArray(collections) ? collections : []) {
      if (!isRecord(one) || (one['id'] !== wanted && one['title'] !== wanted)) continue
      return new URL(`collections/${encodeURIComponent(textOf(one['id']) ?? '')}/objects/`, at)
    }
  }
  throw new CodedError('feed-no-collection', `The server has no collection ${wanted.slice(0, 100)}`)
}
