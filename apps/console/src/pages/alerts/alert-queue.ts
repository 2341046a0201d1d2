import type { AlertStatus, Verdict } from '@vedette/model'
import type { AlertRow } from '../../api/documents.ts'

/** How the queue reads: newest first, `limit` after leaving out `offset`. */
export type ReadAlerts = (limit: number, offset: number) => Promise<readonly AlertRow[]>

export interface QueueState {
  /** One chunk for each answer of the server; a later one never changes an earlier one. */
  readonly chunks: readonly (readonly AlertRow[])[]
  readonly loading: boolean
  readonly error: Error | undefined
  /** There may be older ones. */
  readonly more: boolean
  /** Came while the list was shown, newest first; wait to be asked for. */
  readonly fresh: readonly AlertRow[]
  /** The alert that the keys mean. */
  readonly cursor: string | undefined
  readonly selected: ReadonlySet<string>
}

const FIRST_PAGE = 100
const PAGE = 500
/** Asked twice, in case somebody else took alerts out of the list meanwhile. */
const OVERLAP = 25
const FRESH_CAPACITY = 1000

const EMPTY: QueueState = {
  chunks: [],
  loading: false,
  error: undefined,
  more: true,
  fresh: [],
  cursor: undefined,
  selected: new Set(),
}

/**
 * The alerts that a person works through. What is on the page stays where it is: older ones are added below, newer ones
 * wait, and one that is dealt with stays in its place until the list is read anew.
 */
export class AlertQueue {
  readonly #read: ReadAlerts
  /** Oldest time that belongs, milliseconds since the epoch. */
  readonly #since: number
  readonly #listeners = new Set<() => void>()
  #state = EMPTY
  #known = new Map<string, AlertRow>()
  #turn = 0

  constructor(read: ReadAlerts, since = -Infinity) {
    this.#read = read
    this.#since = since
  }

  readonly state = (): QueueState => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  alert(id: string): AlertRow | undefined {
    return this.#known.get(id)
  }

  /** Reads the newest; the rows on the page are shown until then. */
  async reload(): Promise<void> {
    this.#turn += 1
    const turn = this.#turn
    this.#set({ loading: true, error: undefined })
    try {
      const read = await this.#read(FIRST_PAGE, 0)
      if (turn !== this.#turn) return
      const rows = this.#within(read)
      this.#known = new Map(rows.map((row) => [row.id, row]))
      const { cursor, selected } = this.#state
      this.#set({
        chunks: rows.length > 0 ? [rows] : [],
        loading: false,
        more: read.length === FIRST_PAGE && rows.length === read.length,
        fresh: [],
        cursor: cursor !== undefined && this.#known.has(cursor) ? cursor : undefined,
        selected: new Set([...selected].filter((id) => this.#known.has(id))),
      })
    } catch (error) {
      if (turn === this.#turn) this.#fail(error)
    }
  }

  /** Reads older ones. Does nothing while reading or at the end. */
  async loadMore(): Promise<void> {
    const { loading, more, chunks, error } = this.#state
    if (loading || !more || chunks.length === 0 || error) return
    const turn = this.#turn
    this.#set({ loading: true })
    try {
      const read = await this.#read(PAGE, Math.max(0, this.#known.size - OVERLAP))
      if (turn !== this.#turn) return
      const within = this.#within(read)
      const rows = within.filter(({ id }) => !this.#known.has(id))
      for (const row of rows) this.#known.set(row.id, row)
      this.#set({
        chunks: rows.length > 0 ? [...this.#state.chunks, rows] : this.#state.chunks,
        loading: false,
        more: read.length === PAGE && within.length === read.length,
      })
    } catch (error) {
      if (turn === this.#turn) this.#fail(error)
    }
  }

  /** Looks for what was missed while the connection was lost. */
  async catchUp(belongs: (alert: AlertRow) => boolean): Promise<void> {
    if (this.#state.chunks.length === 0) return this.reload()
    const turn = this.#turn
    try {
      const read = await this.#read(FIRST_PAGE, 0)
      if (turn !== this.#turn) return
      const newest = Math.max(...[...this.#known.values()].map(({ time }) => Date.parse(time)))
      for (const row of read.toReversed()) {
        if (this.#known.has(row.id) || Date.parse(row.time) >= newest) this.arrive(row, belongs)
      }
    } catch {
      // The list stands as it was; the page's notice says that the server is away.
    }
    return undefined
  }

  /** A live alert: waits above the list; one that is on the page already gets its new count in place. */
  arrive(alert: AlertRow, belongs: (alert: AlertRow) => boolean): void {
    if (this.#known.has(alert.id)) {
      this.#replace(alert)
      return
    }
    if (!belongs(alert)) return
    const others = this.#state.fresh.filter(({ id }) => id !== alert.id)
    this.#set({ fresh: [alert, ...others].slice(0, FRESH_CAPACITY) })
  }

  /** Writes what a person did into the row, in place. */
  mark(id: string, change: { status: AlertStatus; verdict?: Verdict | null }): void {
    const row = this.#known.get(id)
    if (row) this.#replace({ ...row, ...change })
  }

  point(id: string | undefined): void {
    if (id !== this.#state.cursor) this.#set({ cursor: id })
  }

  toggle(id: string): void {
    const selected = new Set(this.#state.selected)
    if (!selected.delete(id)) selected.add(id)
    this.#set({ selected })
  }

  select(ids: Iterable<string>): void {
    this.#set({ selected: new Set(ids) })
  }

  #within(rows: readonly AlertRow[]): readonly AlertRow[] {
    return rows.filter(({ last_seen }) => Date.parse(last_seen) >= this.#since)
  }

  #replace(row: AlertRow): void {
    this.#known.set(row.id, row)
    this.#set({
      chunks: this.#state.chunks.map((chunk) =>
        chunk.some(({ id }) => id === row.id)
          ? chunk.map((each) => (each.id === row.id ? row : each))
          : chunk,
      ),
    })
  }

  #fail(error: unknown): void {
    this.#set({ loading: false, error: error instanceof Error ? error : new Error(String(error)) })
  }

  #set(change: Partial<QueueState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}
