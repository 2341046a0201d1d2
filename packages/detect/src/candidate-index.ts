import type { EventView, FieldTable } from './event-view.ts'
import { TextIndex } from './text-index.ts'
import { type Witness, witnessesOf } from './witness.ts'
import type { Condition } from './condition.ts'
import type { Field } from './field.ts'

/**
 * Finds, for one event, the rules that it could match, without asking each: a rule is a candidate when one of its
 * witnesses stands in the event. A rule without witnesses is always one.
 */
export class CandidateIndex {
  readonly #always: number[] = []
  readonly #fields: { readonly slot: number; readonly index: TextIndex }[] = []
  readonly #stamps: Int32Array
  readonly #found: number[] = []
  #generation = 0

  /** @param conditions one a rule; `candidates` gives their positions */
  constructor(conditions: readonly Condition<Field>[], table: FieldTable) {
    this.#stamps = new Int32Array(conditions.length)
    const bySlot = new Map<number, [witness: Witness, rule: number][]>()
    for (const [rule, condition] of conditions.entries()) {
      const witnesses = witnessesOf(condition)
      if (!witnesses) this.#always.push(rule)
      for (const witness of witnesses ?? []) {
        const slot = table.slotOf(witness.field)
        const list = bySlot.get(slot) ?? []
        list.push([witness, rule])
        bySlot.set(slot, list)
      }
    }
    for (const [slot, witnesses] of bySlot) this.#fields.push({ slot, index: new TextIndex(witnesses) })
  }

  /** Positions of the rules to ask, in ascending order. The array is used again by the next call. */
  candidates(view: EventView): readonly number[] {
    this.#generation = (this.#generation + 1) | 0
    this.#found.length = 0
    for (const rule of this.#always) this.#mark(rule)
    for (const { slot, index } of this.#fields) {
      const text = view.folded(slot)
      if (typeof text === 'string') index.search(text, this.#mark)
      else if (text) for (const one of text) index.search(one, this.#mark)
    }
    return this.#found.sort((a, b) => a - b)
  }

  readonly #mark = (rule: number): void => {
    if (this.#stamps[rule] === this.#generation) return
    this.#stamps[rule] = this.#generation
    this.#found.push(rule)
  }
}
