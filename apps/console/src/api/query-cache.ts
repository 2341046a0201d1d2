/** What a page knows of one question to the server. */
export interface Answer<T> {
  readonly data: T | undefined
  /** Why the last try failed; `data` is then what was known before. */
  readonly error: Error | undefined
  readonly loading: boolean
}

interface Entry {
  answer: Answer<unknown>
  readonly listeners: Set<() => void>
  ask: () => Promise<unknown>
  /** Whether refresh('live') asks it again. */
  live: boolean
  /** Rises with each try, so that an answer that was overtaken is dropped. */
  turn: number
  usedAt: number
}

const NOTHING: Answer<undefined> = { data: undefined, error: undefined, loading: true }

/**
 * Answers by key: shown at once when known, asked again in the background. Holds `capacity` answers; those that a page
 * shows are never dropped.
 */
export class QueryCache {
  readonly #entries = new Map<string, Entry>()
  readonly #capacity: number
  #uses = 0

  constructor(capacity = 100) {
    this.#capacity = capacity
  }

  answer(key: string): Answer<unknown> {
    return this.#entries.get(key)?.answer ?? NOTHING
  }

  /** Tells `listener` of each change of `key`, and asks now. Returns how to stop. */
  watch(key: string, ask: () => Promise<unknown>, listener: () => void, live = true): () => void {
    const entry = this.#entry(key, ask)
    entry.live = live
    entry.listeners.add(listener)
    void this.#ask(entry)
    return () => {
      entry.listeners.delete(listener)
      this.#trim()
    }
  }

  /** Asks ahead of need, once; a later watch shows the answer at once. */
  prefetch(key: string, ask: () => Promise<unknown>): void {
    if (this.#entries.has(key)) return
    void this.#ask(this.#entry(key, ask))
    this.#trim()
  }

  /** Asks everything again that a page shows, or of it what is to be live, and forgets the rest. */
  async refresh(which: 'all' | 'live' = 'all'): Promise<void> {
    const shown: Promise<void>[] = []
    for (const [key, entry] of this.#entries) {
      if (entry.listeners.size === 0) this.#entries.delete(key)
      else if (which === 'all' || entry.live) shown.push(this.#ask(entry))
    }
    await Promise.all(shown)
  }

  /** Forgets everything: somebody else signed in. */
  clear(): void {
    this.#entries.clear()
  }

  #entry(key: string, ask: () => Promise<unknown>): Entry {
    let entry = this.#entries.get(key)
    if (!entry) {
      entry = { answer: NOTHING, listeners: new Set(), ask, live: true, turn: 0, usedAt: 0 }
      this.#entries.set(key, entry)
    }
    entry.ask = ask
    this.#uses += 1
    entry.usedAt = this.#uses
    return entry
  }

  async #ask(entry: Entry): Promise<void> {
    entry.turn += 1
    const { turn } = entry
    this.#tell(entry, { ...entry.answer, loading: true })
    try {
      const data = await entry.ask()
      if (turn === entry.turn) this.#tell(entry, { data, error: undefined, loading: false })
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error))
      if (turn === entry.turn) this.#tell(entry, { data: entry.answer.data, error: reason, loading: false })
    }
  }

  #tell(entry: Entry, answer: Answer<unknown>): void {
    entry.answer = answer
    for (const listener of entry.listeners) listener()
  }

  #trim(): void {
    const idle = [...this.#entries].filter(([, entry]) => entry.listeners.size === 0)
    const over = this.#entries.size - this.#capacity
    idle.sort(([, a], [, b]) => a.usedAt - b.usedAt)
    for (const [key] of idle.slice(0, Math.max(0, over))) this.#entries.delete(key)
  }
}
