import { execFile } from 'node:child_process'
import type { Logger } from '@vedette/base'

/** As versions are written: nothing that a program would take for an option. */
const VERSION = /^[A-Za-z0-9][A-Za-z0-9.+~_-]{0,63}$/
const WITHIN_MS = 900_000
const MAX_OUTPUT_BYTES = 1 << 20

/** How the administrator of a host brings it to another version. Vedette itself gets nothing and installs nothing. */
export class Upgrade {
  readonly #command: readonly string[] | undefined
  readonly #log: Logger
  readonly #tell: (message: string) => void
  readonly #tried = new Set<string>()

  /** @param command a program and its arguments; `{version}` in them stands for the one that is wanted */
  constructor(command: readonly string[] | undefined, log: Logger, tell: (message: string) => void) {
    this.#command = command
    this.#log = log
    this.#tell = tell
  }

  /** A version is wanted: tells it, and has it brought where this host says how, once for each version. */
  wanted(version: string): void {
    if (!VERSION.test(version) || this.#tried.has(version)) return
    this.#tried.add(version)
    if (this.#command === undefined) {
      this.#tell(
        `the server wants version ${version} on this host; no agent.upgrade_command says how it gets there`,
      )
      return
    }
    const [file = '', ...args] = this.#command.map((part) => part.replaceAll('{version}', version))
    this.#tell(`the server wants version ${version} on this host; ${file} is run`)
    execFile(
      file,
      args,
      { timeout: WITHIN_MS, maxBuffer: MAX_OUTPUT_BYTES, cwd: '/' },
      (error, stdout, stderr) => {
        this.#log.info({ version, stdout, stderr, error }, 'the command for an upgrade ended')
        if (error !== null)
          this.#tell(`the command for an upgrade to ${version} failed: ${error.message.slice(0, 500)}`)
      },
    )
  }
}
