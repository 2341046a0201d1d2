import type { ApiResponse, RequestOpts, SuccessResponse, WithHeaders } from '@oazapfts/runtime'
import { ApiError, asRecord, noAnswer } from './api-error.ts'

export interface RestOptions {
  /** Where the server is, such as `http://127.0.0.1:8000`. In a page: `location.origin`. */
  readonly url: string
  /** Bearer token. Left out in a page, where the cookie of the sign-in goes along by itself. */
  readonly token?: string
  readonly fetch?: typeof fetch
  readonly signal?: AbortSignal
}

/**
 * Asks for an operation of the REST API and gives its answer:
 *
 *     const call = createRest({ url, token })
 *     const { agents } = await call((to) => operations.listAgents({ limit: 10 }, to))
 *
 * @throws {ApiError} when the server refuses, fails, or cannot be reached
 */
export type RestCall = <R extends WithHeaders<ApiResponse>>(
  operation: (to: RequestOpts) => Promise<R>,
) => Promise<SuccessResponse<R>>

export function createRest(options: RestOptions): RestCall {
  const { url, token, signal, fetch: send = globalThis.fetch.bind(globalThis) } = options
  return async (operation) => {
    let status: number | undefined
    let answer
    try {
      answer = await operation({
        baseUrl: url,
        credentials: 'same-origin',
        redirect: 'error',
        ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
        ...(signal && { signal }),
        async fetch(...request) {
          const response = await send(...request)
          status = response.status
          return response
        },
      })
    } catch (error) {
      throw noAnswer(url, error, status)
    }
    const { data } = answer as { readonly data?: unknown }
    const isGood = answer.status >= 200 && answer.status < 300
    // Figures are plain text; what else is no JSON, something before the server answered.
    const isText = isGood && /^text\/plain\b/.test(answer.headers.get('content-type') ?? '')
    if (!isText && (typeof data !== 'object' || data === null)) throw noAnswer(url, undefined, answer.status)
    if (isGood) return data as never
    const { code, message } = asRecord(asRecord(data)['error'])
    throw new ApiError(
      [
        {
          code: typeof code === 'string' ? code : 'internal',
          message: typeof message === 'string' ? message : `The server answered ${answer.status}`,
        },
      ],
      answer.status,
    )
  }
}
