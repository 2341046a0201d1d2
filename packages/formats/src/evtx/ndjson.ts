import type { UnreadableRecord } from '../record-format.ts'
import { EvtxReader } from './reader.ts'

/**
 * An EVTX file as NDJSON: its flat records, one a line, as text of whole lines. `onUnreadable` is told what could not be
 * read; the offsets count from the first byte.
 */
export async function* evtxToNdjson(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  onUnreadable: (unreadable: UnreadableRecord) => void,
): AsyncGenerator<string> {
  const reader = new EvtxReader()
  for await (const piece of bytes) {
    const { records, unreadable } = reader.push(piece)
    unreadable.forEach(onUnreadable)
    if (records.length > 0) yield lines(records)
  }
  const { records, unreadable } = reader.end()
  unreadable.forEach(onUnreadable)
  if (records.length > 0) yield lines(records)
}

function lines(records: readonly object[]): string {
  let text = ''
  for (const record of records) text += `${JSON.stringify(record)}\n`
  return text
}
