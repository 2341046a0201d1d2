import { useCallback, useEffect, useRef, useState } from 'react'
import { onRefresh } from '../api/api.ts'
import { faultOf } from './form.ts'

/** As many rows are read at once, and held at most. */
const PAGE = 200
const MOST = 10_000

/** Rows that were read so far, newest first. */
export interface Pages<T> {
  readonly rows: readonly T[]
  /** The first of them are on their way. */
  readonly first: boolean
  readonly loading: boolean
  /** There are older ones. */
  readonly more: boolean
  /** There may be older ones, and no more are held: the filter has to be narrower. */
  readonly full: boolean
  readonly error: Error | undefined
  /** What is newer than this moment is not among them: milliseconds since the epoch. */
  readonly asOf: number
  readonly loadMore: () => void
  /** Begins anew, with what came meanwhile. */
  readonly reload: () => void
}

interface State<T> {
  readonly key: string
  readonly rows: readonly T[]
  readonly loading: boolean
  readonly more: boolean
  readonly error: Error | undefined
  readonly asOf: number
}

const begun = (key: string, asOf: number) => ({
  key,
  rows: [],
  loading: true,
  more: true,
  error: undefined,
  asOf,
})

/**
 * A long list of what happened, read page by page as of one moment: what comes meanwhile moves nothing.
 *
 * @param key another one begins anew
 */
export function usePages<T>(
  key: string,
  read: (page: {
    readonly limit: number
    readonly offset: number
    readonly asOf: number
  }) => Promise<readonly T[]>,
): Pages<T> {
  const [state, setState] = useState<State<T>>(() => begun(key, Date.now()))
  const latest = useRef(read)
  useEffect(() => {
    latest.current = read
  })
  // Rises when the list begins anew: what was asked before is then dropped.
  const turn = useRef(0)

  const readInto = useCallback(async (before: State<T>) => {
    const mine = turn.current
    try {
      const rows = await latest.current({ limit: PAGE, offset: before.rows.length, asOf: before.asOf })
      if (mine !== turn.current) return
      setState({
        ...before,
        rows: [...before.rows, ...rows],
        loading: false,
        more: rows.length === PAGE,
        error: undefined,
      })
    } catch (error) {
      if (mine === turn.current) setState({ ...before, loading: false, error: faultOf(error) })
    }
  }, [])

  const next = (before: State<T>) => {
    setState({ ...before, loading: true, error: undefined })
    void readInto(before)
  }

  useEffect(() => {
    // The rows stay until the new ones are there.
    const renew = () => {
      turn.current += 1
      void readInto(begun(key, Date.now()))
    }
    renew()
    return onRefresh(renew)
  }, [key, readInto])

  // A list of another key is not shown for a moment under this one.
  const shown = state.key === key ? state : begun(key, state.asOf)
  const { rows, loading, more, error, asOf } = shown
  const full = rows.length >= MOST
  return {
    rows,
    first: rows.length === 0 && loading,
    loading,
    more,
    full: full && more,
    error,
    asOf,
    loadMore: () => {
      if (!loading && more && !full && error === undefined && rows.length > 0) next(shown)
    },
    reload: () => {
      turn.current += 1
      next(begun(key, Date.now()))
    },
  }
}
