import { CliError } from './cli-error.ts'
import type { Invocation } from './command.ts'
import { readEndpoint, readToken } from './connection.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { safe } from './print.ts'

const codes: Readonly<Record<string, ExitCode>> = {
  'bad-input': exitCodes.usage,
  forbidden: exitCodes.refused,
  unauthenticated: exitCodes.refused,
  'not-found': exitCodes.notFound,
}

/**
 * Calls a route of the server that is not GraphQL, as the operator.
 *
 * @throws {CliError} with the server's own code, or `unreachable`
 */
export async function callRest(
  invocation: Invocation,
  path: string,
  request: RequestInit = {},
): Promise<Response> {
  const { url } = readEndpoint(invocation.paths)
  const token = readToken(invocation.paths)
  let response: Response
  try {
    response = await fetch(`${url}${path}`, {
      ...request,
      headers: {
        ...(request.headers as Record<string, string> | undefined),
        authorization: `Bearer ${token}`,
      },
      redirect: 'error',
      signal: invocation.signal,
    })
  } catch (error) {
    throw new CliError(
      'unreachable',
      exitCodes.notRunning,
      `No answer from ${url}`,
      "Start it with 'vedette up', or name its folder with --home DIR",
      { cause: error },
    )
  }
  if (response.ok) return response
  const { error } = (await response.json().catch(() => ({}))) as {
    error?: { code?: string; message?: string }
  }
  const code = error?.code ?? 'refused'
  throw new CliError(
    code,
    codes[code] ?? exitCodes.failure,
    safe(error?.message ?? `The server answered ${response.status}`),
  )
}
