import { type EventOrigin, type HuntSink, readCaptures } from '@vedette/manager/hunt'
import type { Event } from '@vedette/model'
import { CliError } from '../../cli-error.ts'
import { exitCodes } from '../../exit-codes.ts'

/** Events that one replay takes: they are all in memory, since a conversation is known only when it is over. */
const MOST_EVENTS = 1_000_000
const BATCH = 1000

/** Events of captures in the order of their time. */
export interface Captured {
  readonly events: AsyncIterable<readonly Event[]>
  readonly fromMs: number
  readonly untilMs: number
  readonly files: number
  readonly unreadable: number
  readonly origin: (event: Event) => EventOrigin | undefined
}

/** @throws {CliError} `too-many-events` */
export async function readInOrder(
  paths: readonly string[],
  sink: Pick<HuntSink, 'unreadable'>,
  signal: AbortSignal,
): Promise<Captured> {
  const all: { readonly event: Event; readonly origin: EventOrigin }[] = []
  const files = new Set<string>()
  let unreadable = 0
  for await (const { file, events, numbers, unreadable: faults } of readCaptures(paths, signal)) {
    files.add(file)
    for (const fault of faults) {
      unreadable += 1
      sink.unreadable?.(fault)
    }
    for (const [at, event] of events.entries())
      all.push({ event, origin: { file, record: numbers[at] ?? 0 } })
    if (all.length > MOST_EVENTS)
      throw new CliError(
        'too-many-events',
        exitCodes.usage,
        `More than ${MOST_EVENTS} conversations and messages cannot be replayed at once`,
        "Replay fewer captures, or search them with 'vedette hunt'",
      )
  }
  all.sort((a, b) => a.event.time - b.event.time)
  const origins = new Map<Event, EventOrigin>(all.map(({ event, origin }) => [event, origin]))
  return {
    events: batches(all.map(({ event }) => event)),
    fromMs: all[0]?.event.time ?? 0,
    untilMs: all.at(-1)?.event.time ?? 0,
    files: files.size,
    unreadable,
    origin: (event) => origins.get(event),
  }
}

async function* batches(events: readonly Event[]): AsyncGenerator<readonly Event[]> {
  for (let at = 0; at < events.length; at += BATCH) yield events.slice(at, at + BATCH)
}
