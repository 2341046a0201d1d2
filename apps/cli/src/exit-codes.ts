/** What a script may rely on: the number that `vedette` ends with. Stable; documented in `vedette --help`. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  notRunning: 3,
  refused: 4,
  notFound: 5,
  verificationFailed: 6,
  found: 7,
  incomplete: 8,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Lines for `--help`. */
export const exitCodeHelp = `Exit codes:
  0  done
  1  failed
  2  wrong usage or configuration
  3  Vedette is not running, or cannot be reached
  4  refused: not allowed, or the never-touch list said no
  5  there is no such thing
  6  verification failed: the audit log, or a proof, was altered
  7  found: something matches a rule, or differs from its baseline
  8  incomplete: nothing was found, but some files could not be read`
