import { fstatSync } from 'node:fs'

/** Where a command writes and what it may know of its surroundings. Passed in, so that a test can read it. */
export interface Terminal {
  /** Results. Bytes are UTF-8 and may be used for something else once it returns. */
  out(text: string | Buffer): void
  /** Messages beside the results. */
  err(text: string): void
  /** Whether escape sequences for colour are wanted on standard output. */
  readonly colour: boolean
  /** Whether a person sits at both ends. */
  readonly interactive: boolean
  /** Width in columns; 100 where it is not a terminal. */
  readonly columns: number
  /** Width of standard error, where it is a terminal on which a line may be drawn over. */
  readonly errColumns?: number | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly uid: number
}

/**
 * Whether colour is wanted: NO_COLOR (no-color.org: any value but the empty one) says no before anything else, FORCE_COLOR
 * says yes, else a terminal that is not `dumb` gets it.
 */
export function wantsColour(env: Readonly<Record<string, string | undefined>>, isTty: boolean): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false
  const force = env['FORCE_COLOR'] ?? ''
  if (force !== '') return force !== '0'
  return isTty && env['TERM'] !== 'dumb'
}

export function processTerminal(): Terminal {
  const { stdout, stdin, stderr, env } = process
  // Only into a file all is written before `write` returns; a pipe that is full is written to later.
  const isFile = fstatSync(stdout.fd).isFile()
  return {
    out: (text) => void stdout.write(typeof text === 'string' || isFile ? text : Buffer.from(text)),
    err: (text) => void stderr.write(text),
    colour: wantsColour(env, stdout.isTTY),
    interactive: stdout.isTTY && stdin.isTTY,
    columns: stdout.isTTY ? stdout.columns : 100,
    errColumns: stderr.isTTY && env['TERM'] !== 'dumb' ? stderr.columns : undefined,
    env,
    uid: process.getuid?.() ?? 0,
  }
}
