import { print } from 'graphql'
import { type Client as SocketClient, createClient as createSocketClient } from 'graphql-ws/client'
import { ApiError, asRecord, faultsOf, noAnswer } from './api-error.ts'
import type { ResultOf, TadaDocumentNode, VariablesOf } from './graphql.ts'
import { LiveValues } from './live-values.ts'

export interface ClientOptions {
  /** Where the server is, such as `http://127.0.0.1:8000`. In a page: `location.origin`. */
  readonly url: string
  /** Bearer token. Left out in a page, where the cookie of the sign-in goes along by itself. */
  readonly token?: string
  readonly fetch?: typeof fetch
  /**
   * The socket of the subscriptions came or went. After `reconnected` values may have been missed: read the list again.
   */
  readonly onConnection?: (state: 'connected' | 'reconnected' | 'lost') => void
  /** A subscription did not keep up; so many values have been dropped so far. Left out: the subscription throws. */
  readonly onLost?: (lost: number) => void
  /** How often in a row a lost socket is tried again, with pauses of 0.25 to 5 s. Default: without end. */
  readonly retryAttempts?: number
}

// oxlint-disable-next-line typescript/no-explicit-any -- any document, whatever its types
type AnyDocument = TadaDocumentNode<any, any>

/** The variables of a document: may be left out where it has none that must be given. */
type VariableArguments<D extends AnyDocument> =
  Record<string, never> extends VariablesOf<D> ? [variables?: VariablesOf<D>] : [variables: VariablesOf<D>]

export interface Client extends Disposable {
  /** @throws {ApiError} when the server refuses, fails, or cannot be reached */
  query<D extends AnyDocument>(document: D, ...rest: VariableArguments<D>): Promise<ResultOf<D>>
  /** @throws {ApiError} when the server refuses, fails, or cannot be reached */
  mutate<D extends AnyDocument>(document: D, ...rest: VariableArguments<D>): Promise<ResultOf<D>>
  /**
   * Live values until the signal aborts (then it ends quietly). A lost socket is opened again by itself. One socket
   * serves all subscriptions of a client.
   *
   * @throws {ApiError} `unauthenticated` when the session or token is no longer good, or what the server says
   */
  subscribe<D extends AnyDocument>(
    document: D,
    variables: VariablesOf<D>,
    signal: AbortSignal,
  ): AsyncIterable<ResultOf<D>>
}

/** A client of Vedette's API, in a page or in Node. Dispose of it to close its socket. */
export function createClient(options: ClientOptions): Client {
  const { token, fetch: send = globalThis.fetch.bind(globalThis) } = options
  const endpoint = new URL('/graphql', options.url).href
  let socket: SocketClient | undefined

  async function post<D extends AnyDocument>(
    document: D,
    variables: VariablesOf<D> | undefined,
  ): Promise<ResultOf<D>> {
    let status: number | undefined
    let body: unknown
    try {
      const response = await send(endpoint, {
        method: 'POST',
        credentials: 'same-origin',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query: print(document), variables }),
      })
      status = response.status
      body = await response.json()
    } catch (error) {
      throw noAnswer(endpoint, error, status)
    }
    return resultOf(body, status)
  }

  return {
    query: (document, ...[variables]) => post(document, variables),
    mutate: (document, ...[variables]) => post(document, variables),

    subscribe<D extends AnyDocument>(document: D, variables: VariablesOf<D>, signal: AbortSignal) {
      const values = new LiveValues<ResultOf<D>>((lost) => {
        if (options.onLost) options.onLost(lost)
        else values.end(lagging(lost))
      })
      if (signal.aborted) values.end()
      socket ??= openSocket(endpoint, options)
      const unsubscribe = socket.subscribe(
        { query: print(document), variables: variables as Record<string, unknown> },
        {
          next(message) {
            const lost = lostOf(message.errors)
            if (lost !== undefined && options.onLost) return options.onLost(lost)
            try {
              values.push(resultOf(message))
            } catch (error) {
              values.end(error)
            }
          },
          error: (error) => values.end(socketError(endpoint, error)),
          complete: () => values.end(),
        },
      )
      const onAbort = () => values.end()
      signal.addEventListener('abort', onAbort, { once: true })
      return values.read(() => {
        signal.removeEventListener('abort', onAbort)
        unsubscribe()
      })
    },

    [Symbol.dispose]() {
      void socket?.dispose()
      socket = undefined
    },
  }
}

function resultOf<D extends AnyDocument>(body: unknown, status?: number): ResultOf<D> {
  const { data, errors, error } = asRecord(body)
  // What never came as far as GraphQL is answered in the shape of the other routes.
  const faults = faultsOf(errors ?? (error === undefined ? [] : [{ ...asRecord(error), extensions: error }]))
  if (faults.length > 0 || typeof data !== 'object' || data === null) throw new ApiError(faults, status)
  return data as ResultOf<D>
}

/** The count in a `subscription-lagging` fault, by which the server tells that it had to drop values. */
function lostOf(errors: unknown): number | undefined {
  if (!Array.isArray(errors)) return undefined
  const { code, lost } = asRecord(asRecord(errors[0])['extensions'])
  return code === 'subscription-lagging' && typeof lost === 'number' ? lost : undefined
}

function lagging(lost: number): ApiError {
  return new ApiError([
    { code: 'subscription-lagging', message: `The reader did not keep up: ${lost} live values were dropped` },
  ])
}

function openSocket(endpoint: string, options: ClientOptions): SocketClient {
  const { token, onConnection, retryAttempts = Infinity } = options
  return createSocketClient({
    url: endpoint.replace(/^http/, 'ws'),
    ...(token !== undefined && { connectionParams: { authorization: `Bearer ${token}` } }),
    retryAttempts,
    // A server that is away gives an error event, not a close event; both are tried again.
    shouldRetry: () => true,
    retryWait: (retries) =>
      new Promise((resolve) => {
        setTimeout(resolve, Math.min(250 * 2 ** retries, 5000) * (0.75 + Math.random() / 2))
      }),
    keepAlive: 15_000,
    on: {
      connected: (_socket, _payload, wasRetry) => onConnection?.(wasRetry ? 'reconnected' : 'connected'),
      closed: () => onConnection?.('lost'),
    },
  })
}

/** Close code of a socket whose session or token is not good (graphql-transport-ws, `Unauthorized`). */
const UNAUTHORIZED = 4401

function socketError(endpoint: string, error: unknown): ApiError {
  if (Array.isArray(error)) return new ApiError(faultsOf(error))
  const { code, reason } = asRecord(error)
  if (code === UNAUTHORIZED) return new ApiError([{ code: 'unauthenticated', message: 'Sign in first' }])
  if (typeof code === 'number' && code >= 4400) {
    return new ApiError([{ code: 'refused', message: `The server closed the socket: ${String(reason)}` }])
  }
  return noAnswer(endpoint, error)
}
