/** One key, or two in a row (`g a`), and what it does. */
export interface Binding {
  /** As `KeyboardEvent.key` has it; letters in lower case; two in a row with a space between. */
  readonly keys: string
  /** What it does, for the list of all keys; left out where another binding says it. */
  readonly label?: string
  readonly run: () => void
  /** Also while a form field has the focus. */
  readonly inFields?: boolean
}

/** What the keyboard needs to know of a key press. */
export interface Press {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  /** The focus is where letters are text. */
  readonly inField: boolean
  /** The focus is on something that answers to Enter by itself: a link, a button. */
  readonly takesEnter: boolean
  /** The focus is on something that answers to Space by itself: a button, a checkbox. */
  readonly takesSpace: boolean
}

const SECOND_KEY_MS = 1000

/** Which binding a key press means. The last one added wins, so that a page goes before the frame around it. */
export class Keyboard {
  readonly #layers: (readonly Binding[])[] = []
  readonly #now: () => number
  #first = ''
  #firstAt = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** Adds bindings until the returned function is called; over all others, or `under` them. */
  add(bindings: readonly Binding[], under = false): () => void {
    if (under) this.#layers.unshift(bindings)
    else this.#layers.push(bindings)
    return () => {
      const at = this.#layers.indexOf(bindings)
      if (at >= 0) this.#layers.splice(at, 1)
    }
  }

  /** All that can be pressed now, the page's own first. */
  bindings(): Binding[] {
    const known = new Set<string>()
    return this.#layers.toReversed().flatMap((layer) =>
      layer.filter(({ keys }) => {
        if (known.has(keys)) return false
        known.add(keys)
        return true
      }),
    )
  }

  /** The binding that a press completes; undefined where it means nothing here. */
  find(press: Press): Binding | undefined {
    if (press.ctrlKey || press.metaKey || press.altKey) return undefined
    if (press.takesEnter && press.key === 'Enter') return undefined
    if (press.takesSpace && press.key === ' ') return undefined
    const key = press.key.length === 1 ? press.key.toLowerCase() : press.key
    const bindings = this.bindings().filter((binding) => !press.inField || binding.inFields === true)
    const first = this.#now() - this.#firstAt < SECOND_KEY_MS ? this.#first : ''
    this.#first = ''
    const found =
      (first === '' ? undefined : bindings.find(({ keys }) => keys === `${first} ${key}`)) ??
      bindings.find(({ keys }) => keys === key)
    if (!found && bindings.some(({ keys }) => keys.startsWith(`${key} `))) {
      this.#first = key
      this.#firstAt = this.#now()
    }
    return found
  }
}
