import { CodedError, ConfigError, visible } from '@vedette/base'
import { ApiError } from '@vedette/client'
import { CliError } from './cli-error.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'

/** An error in the words for a person and the code for a program. */
export interface Explanation {
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  readonly exitCode: ExitCode
}

const apiExitCodes: Readonly<Record<string, ExitCode>> = {
  unreachable: exitCodes.notRunning,
  'no-answer': exitCodes.notRunning,
  unauthenticated: exitCodes.refused,
  forbidden: exitCodes.refused,
  refused: exitCodes.refused,
  'hides-true-positive': exitCodes.refused,
  'last-admin': exitCodes.refused,
  'agent-away': exitCodes.notRunning,
  'not-found': exitCodes.notFound,
  'bad-input': exitCodes.usage,
}

const apiHints: Readonly<Record<string, string>> = {
  unreachable: "Start it with 'vedette up', or name its folder with --home DIR",
  unauthenticated: "The local token is not good any more: stop and start 'vedette up'",
}

/** Puts any error into words. Text of the server may quote an attacker, so hidden characters are made visible. */
export function explain(error: unknown): Explanation {
  if (error instanceof CliError) {
    const { code, message, hint, exitCode } = error
    return { code, message: lines(message), hint, exitCode }
  }
  if (error instanceof ConfigError) {
    return {
      code: error.code,
      message: lines(error.message),
      hint: "See 'vedette config schema' for every key",
      exitCode: exitCodes.usage,
    }
  }
  if (error instanceof ApiError) {
    return {
      code: error.code,
      message: visible(error.message),
      hint: apiHints[error.code],
      exitCode: apiExitCodes[error.code] ?? exitCodes.failure,
    }
  }
  if (error instanceof CodedError) {
    return { code: error.code, message: lines(error.message), hint: undefined, exitCode: exitCodes.failure }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'failed', message: lines(message), hint: undefined, exitCode: exitCodes.failure }
}

/** Like `visible`, but keeps the line breaks, which are our own here. */
function lines(text: string): string {
  return text.split('\n').map(visible).join('\n')
}
