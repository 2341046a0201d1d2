import type { ExitCode } from './exit-codes.ts'

/**
 * An error that ends a command: what happened, what to type next, and the exit code. It stands alone, without a class of
 * `base` under it, so that `--help` starts without loading more than the command line itself.
 */
export class CliError extends Error {
  /** Stable, kebab-case. */
  readonly code: string
  readonly exitCode: ExitCode
  /** What to do about it, in a line or two; left out where there is nothing to say. */
  readonly hint: string | undefined

  constructor(code: string, exitCode: ExitCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CliError'
    this.code = code
    this.exitCode = exitCode
    this.hint = hint
  }
}
