import { type DestinationStream, pino } from 'pino'
import { visibleJson } from './visible.ts'

/** Structured logger: a fixed message, the rest as fields. Pass it in; make a child for each part. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: { readonly part: string }): Logger
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** Standard error. A line that cannot be written (nobody reads the pipe any more, the disk is full) ends nothing. */
function standardError(): DestinationStream {
  return pino.destination({ dest: 2, sync: true }).on('error', () => undefined)
}

/**
 * A logger that writes one JSON object a line. JSON escapes control characters, so an attacker's text cannot start a
 * line of its own.
 *
 * @param destination where lines go; standard error by default, since standard output belongs to results
 */
export function createLogger(
  level: LogLevel = 'info',
  destination: DestinationStream = standardError(),
): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      errorKey: 'error',
      // Whoever reads a log reads it on a terminal.
      hooks: { streamWrite: visibleJson },
    },
    destination,
  )
}

export const silentLogger: Logger = pino({ level: 'silent' })
