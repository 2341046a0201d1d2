import { closeSync, openSync, writeSync } from 'node:fs'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'

/** Where a report goes. */
export interface Output extends Disposable {
  /** Bytes are UTF-8 and may be used for something else once it returns. */
  write(text: string | Buffer): void
  /** Width that lines are cut to; undefined where they may be as long as they are. */
  readonly columns: number | undefined
}

/**
 * Standard output, or a file that only its owner may read: a report quotes evidence.
 *
 * @throws {CliError} `cannot-write` when the file cannot be made
 */
export function openOutput({ terminal }: Invocation, file: string | undefined): Output {
  if (file === undefined) {
    return {
      write: (text) => terminal.out(text),
      columns: terminal.interactive ? terminal.columns : undefined,
      [Symbol.dispose]: () => undefined,
    }
  }
  let descriptor: number
  try {
    descriptor = openSync(file, 'w', 0o600)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError('cannot-write', exitCodes.failure, `Cannot write ${file}: ${reason}`)
  }
  return {
    write(text) {
      const bytes = typeof text === 'string' ? Buffer.from(text) : text
      for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at)
    },
    columns: undefined,
    [Symbol.dispose]: () => closeSync(descriptor),
  }
}
