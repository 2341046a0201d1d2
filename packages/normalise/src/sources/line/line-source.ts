import type { Event, LineRecord } from '@vedette/model'
import { boundedText } from '../../bounded-text.ts'
import type { EventFactory } from '../../event-factory.ts'
import type { Redactor } from '../../redaction/redact.ts'

/** Turns lines of logs into Events: authentications where it understands them, else the line itself. */
export class LineSource {
  readonly #events: EventFactory
  readonly #redactor: Redactor

  constructor(events: EventFactory, redactor: Redactor) {
    this.#events = events
    this.#redactor = redactor
  }

  /** Adds the Events of a line to `into`. */
  normalise(record: LineRecord, into: Event[]): void {
    const raw = boundedText(this.#redactor.text(record.text))
    into.push({
      ...this.#events.base(record.timeMs, 'file'),
      kind: 'log',
      class_uid: 0,
      message: raw,
      path: boundedText(record.path, 4096),
    })
  }
}
