import type { Entry } from './entry.ts'
import { type Measure, presenceMeasure } from './measure.ts'

/**
 * How many of several rules, from the first on, have hits one after the other within a window. For each rule the latest
 * beginning of a chain that ends with it is kept, so a hit costs the same however many there are; only a late one makes
 * the chains be worked out again.
 *
 * @param ordered positions of the rules that come one after the other. Default: all of them
 */
export function orderMeasure(
  references: number,
  windowMs: number,
  ordered: readonly number[] = Array.from({ length: references }, (_, position) => position),
): Measure & { has(reference: number): boolean; again(first: Entry<unknown> | undefined): void } {
  const steps = new Map(ordered.map((reference, step) => [reference, step]))
  const length = ordered.length
  /** Of the best chain that ends with this step: when it began. */
  const starts = new Float64Array(length).fill(-Infinity)
  /** The same before the last event that changed it: an event does not follow itself. */
  const startsBefore = new Float64Array(length).fill(-Infinity)
  const changedBy: unknown[] = []
  const presence = presenceMeasure(references)
  let newest = -Infinity

  const chain = (entry: Entry<unknown>) => {
    const { time } = entry
    newest = Math.max(newest, time)
    const step = steps.get(entry.reference)
    if (step === undefined) return
    const event: unknown = entry.id === '' ? entry.item : entry.id
    let start = time
    if (step > 0) {
      const own = event !== undefined && changedBy[step - 1] === event
      start = (own ? startsBefore[step - 1] : starts[step - 1]) ?? -Infinity
      if (start < time - windowMs) return
    }
    const best = starts[step] ?? -Infinity
    if (changedBy[step] !== event || event === undefined) {
      startsBefore[step] = best
      changedBy[step] = event
    }
    if (start > best) starts[step] = start
  }
  const reaches = (step: number) => (starts[step] ?? -Infinity) >= newest - windowMs
  return {
    add: (entry) => {
      presence.add(entry)
      chain(entry)
    },
    // The chains of what has left the window began too early and need no more than that.
    remove: (entry) => presence.remove(entry),
    has: (reference) => {
      const step = steps.get(reference)
      return step === undefined ? presence.has(reference) : reaches(step)
    },
    again: (first) => {
      starts.fill(-Infinity)
      startsBefore.fill(-Infinity)
      changedBy.length = 0
      for (let entry = first; entry; entry = entry.after) if (!entry.spent) chain(entry)
    },
    get value() {
      let reached = 0
      while (reached < length && reaches(reached)) reached += 1
      return reached
    },
  }
}
