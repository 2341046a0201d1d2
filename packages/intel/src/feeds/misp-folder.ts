import { CodedError } from '@vedette/base'
import { isRecord, parseDocument } from '../forms/json-document.ts'
import type { Budget, Got } from './get-document.ts'
import type { Ask } from './taxii.ts'

const MOST_EVENTS = 1000

/**
 * Reads the events that a MISP feed's `manifest.json` names (MISP's feed format), the newest 1,000, within one budget.
 *
 * @param manifest as it was got
 * @returns a document of MISP with them
 * @throws {CodedError} `feed-not-misp`, `feed-too-large`
 */
export async function readMispFolder(folder: URL, manifest: Got, budget: Budget, ask: Ask): Promise<string> {
  const named = parseDocument(manifest.body.toString('utf8'), 'misp')
  if (!isRecord(named)) throw new CodedError('feed-not-misp', 'The manifest is not one of MISP')
  const uuids = Object.entries(named)
    .filter(([uuid]) => /^[0-9a-f-]{36}$/i.test(uuid))
    .map(([uuid, about]) => ({ uuid, time: isRecord(about) ? Number(about['timestamp']) || 0 : 0 }))
    .sort((a, b) => b.time - a.time)
    .slice(0, MOST_EVENTS)
  const events: string[] = []
  let left = budget.maxBytes
  for (const { uuid } of uuids) {
    const { body } = await ask(new URL(`${uuid}.json`, folder), {}, { ...budget, maxBytes: left })
    left -= body.length
    const text = body.toString('utf8')
    parseDocument(text, 'misp')
    events.push(text)
  }
  return `{"response":[${events.join(',\n')}]}`
}
