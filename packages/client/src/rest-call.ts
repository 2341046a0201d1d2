import { ApiError, asRecord, noAnswer } from './api-error.ts'

/**
 * Asks a route of the page's own server, with its visitor's session.
 *
 * @throws {ApiError}
 */
export type RestCall = (method: 'GET' | 'POST', path: string, input?: object) => Promise<unknown>

export function createCaller(url: string, send: typeof fetch = globalThis.fetch.bind(globalThis)): RestCall {
  return async (method, path, input) => {
    const address = new URL(path, url).href
    let response: Response
    let body: unknown
    try {
      response = await send(address, {
        method,
        credentials: 'same-origin',
        ...(method === 'POST' && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(input ?? {}),
        }),
      })
    } catch (error) {
      throw noAnswer(address, error)
    }
    try {
      body = await response.json()
    } catch (error) {
      throw noAnswer(address, error, response.status)
    }
    if (response.ok) return body
    const { code, message } = asRecord(asRecord(body)['error'])
    throw new ApiError(
      [
        {
          code: typeof code === 'string' ? code : 'internal',
          message: typeof message === 'string' ? message : `The server answered ${response.status}`,
        },
      ],
      response.status,
    )
  }
}
