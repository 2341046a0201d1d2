/** One fault as the server tells it. */
export interface ApiFault {
  /** Stable, kebab-case: `unauthenticated`, `forbidden`, `not-found`, `bad-input`, `rate-limited`, `internal`. */
  readonly code: string
  readonly message: string
  /** Where in the answer, such as `['alert', 'process_tree']`. */
  readonly path?: readonly (string | number)[]
}

/** An answer of the server that is not the one asked for. `code` is that of the first fault. */
export class ApiError extends Error {
  readonly code: string
  readonly faults: readonly ApiFault[]
  /** HTTP status, where there was one. */
  readonly status: number | undefined

  constructor(faults: readonly ApiFault[], status?: number, options?: ErrorOptions) {
    super(faults[0]?.message ?? 'The server gave no answer', options)
    this.name = 'ApiError'
    this.code = faults[0]?.code ?? 'no-answer'
    this.faults = faults
    this.status = status
  }
}

/** The fault of a server that cannot be reached or that answers with something else. */
export function noAnswer(url: string, cause: unknown, status?: number): ApiError {
  const message =
    status === undefined ? `Cannot reach ${url}` : `${url} answered ${status} without a readable answer`
  return new ApiError([{ code: status === undefined ? 'unreachable' : 'no-answer', message }], status, {
    cause,
  })
}

/** Reads the `errors` of a GraphQL answer; everything in them is bounded and nothing is taken on trust. */
export function faultsOf(errors: unknown): ApiFault[] {
  if (!Array.isArray(errors)) return []
  return errors.slice(0, 100).map((error: unknown) => {
    const { message, extensions, path } = asRecord(error)
    const { code } = asRecord(extensions)
    return {
      code: typeof code === 'string' ? code : 'internal',
      message: typeof message === 'string' ? message : 'The server gave no reason',
      ...(Array.isArray(path) && { path: path as (string | number)[] }),
    }
  })
}

export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
