import {
  ApiError,
  createClient,
  type ResultOf,
  type TadaDocumentNode,
  type VariablesOf,
} from '@vedette/client'
import { createAccount, createRest, createSignIn } from '@vedette/client/rest'
import { useCallback, useSyncExternalStore } from 'react'
import { connection } from './connection.ts'
import { type Answer, QueryCache } from './query-cache.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- any document, whatever its types
type AnyDocument = TadaDocumentNode<any, any>

/** The one client of the page. */
export const api = createClient({
  url: location.origin,
  onConnection: (state) => {
    connection.set(state === 'lost' ? 'lost' : 'live')
    // What happened meanwhile was not told.
    if (state === 'reconnected') void refresh()
  },
  onLost: () => void refresh(),
})

/** The REST API, for what GraphQL does not have. */
export const rest = createRest({ url: location.origin })

/** Signing in and out. */
export const signIn = createSignIn(location.origin)

/** What is one's own. */
export const account = createAccount(location.origin)

const cache = new QueryCache()
const refreshed = new Set<() => void>()
const refused = new Set<() => void>()

/** Asks again for everything on the page, after something changed; or only for what is to change by itself. */
export async function refresh(which: 'all' | 'live' = 'all'): Promise<void> {
  if (which === 'all') for (const listener of refreshed) listener()
  await cache.refresh(which)
}

/** Called when everything is asked again. Returns how to stop. */
export function onRefresh(listener: () => void): () => void {
  refreshed.add(listener)
  return () => refreshed.delete(listener)
}

/** Called when the server says that nobody is signed in any more. Returns how to stop. */
export function onSignedOut(listener: () => void): () => void {
  refused.add(listener)
  return () => refused.delete(listener)
}

/** Forgets all answers: somebody else may look at the page now. */
export function forget(): void {
  cache.clear()
}

/** Asks the server once; tells when the session is over. */
export async function ask<D extends AnyDocument>(
  document: D,
  variables: VariablesOf<D>,
): Promise<ResultOf<D>> {
  return watched(() => api.query(document, variables as never))
}

/** Has the server change something; asks again for what the page shows, once it is done. */
export async function change<D extends AnyDocument>(
  document: D,
  variables: VariablesOf<D>,
  { quiet = false }: { quiet?: boolean } = {},
): Promise<ResultOf<D>> {
  const result = await watched(() => api.mutate(document, variables as never))
  if (!quiet) void refresh()
  return result
}

async function watched<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof ApiError && error.code === 'unauthenticated') {
      for (const listener of refused) listener()
    }
    throw error
  }
}

function keyOf(document: AnyDocument, variables: unknown): string {
  const [definition] = document.definitions
  const name = definition && 'name' in definition ? definition.name?.value : undefined
  return `${name ?? ''} ${JSON.stringify(variables)}`
}

/**
 * The answer to a question while the component is shown. The document needs a name. With `live` it follows what happens;
 * without, it changes only when the person does something.
 */
export function useAnswer<D extends AnyDocument>(
  document: D,
  variables: VariablesOf<D>,
  { live = true }: { live?: boolean } = {},
): Answer<ResultOf<D>> {
  const key = keyOf(document, variables)
  const subscribe = useCallback(
    (listener: () => void) => cache.watch(key, () => ask(document, variables), listener, live),
    // oxlint-disable-next-line react/exhaustive-deps -- the key says document and variables
    [key],
  )
  return useSyncExternalStore(subscribe, () => cache.answer(key)) as Answer<ResultOf<D>>
}

/** The answer of a route, as `useAnswer` has that of a question; `key` names it. */
export function useCall<T>(key: string, call: () => Promise<T>): Answer<T> {
  const subscribe = useCallback(
    (listener: () => void) => cache.watch(key, () => watched(call), listener, false),
    // oxlint-disable-next-line react/exhaustive-deps -- the key says what is called
    [key],
  )
  return useSyncExternalStore(subscribe, () => cache.answer(key)) as Answer<T>
}

/** Has a route change something, and asks again for what the page shows. */
export async function doing<T>(call: () => Promise<T>): Promise<T> {
  const result = await watched(call)
  void refresh()
  return result
}

/** Asks ahead, when a person is about to open something. */
export function prefetch<D extends AnyDocument>(document: D, variables: VariablesOf<D>): void {
  cache.prefetch(keyOf(document, variables), () => ask(document, variables))
}
