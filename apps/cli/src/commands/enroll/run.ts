import { existsSync, readFileSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { CodedError, Secret } from '@vedette/base'
import { writeIdentity, writePrivately } from '@vedette/agent'
import { enrol, fetchAuthority, newKey, type Waiting } from '@vedette/agent/enrol'
import { lockFile } from '@vedette/linux'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { printJson, printJsonLine, printLine, safe } from '../../print.ts'
import { prepareHome, preparePartFolder } from '../../up/home-folder.ts'

export interface EnrollOptions {
  readonly server: string
  readonly caFingerprint: string
  readonly secret?: string
  readonly secretFile?: string
  readonly again?: boolean
}

const ASK_EVERY_MS = 2000

/** `vedette enroll`: makes a key, shows the server a request for it, and keeps the certificate that comes back. */
export async function enroll(invocation: Invocation, options: EnrollOptions): Promise<ExitCode> {
  const { paths, signal, clock, style } = invocation
  const server = serverOf(options.server)
  // Also as OpenSSL prints it, with a colon after every byte.
  const digits = options.caFingerprint.toLowerCase().replace(/^sha256:/, '')
  const fingerprint = `sha256:${digits.replaceAll(':', '')}`
  if (!/^sha256:[0-9a-f]{64}$/.test(fingerprint)) {
    throw usage('--ca-fingerprint: expected sha256: and 64 hex digits')
  }
  const secret = secretOf(options)
  const me = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  prepareHome(paths, me)
  using lock = lockFile(paths.lockFile)
  if (lock === undefined) {
    throw new CliError(
      'already-running',
      exitCodes.failure,
      `Vedette runs in ${paths.home}`,
      'Stop it first, or name another folder with --home DIR',
    )
  }
  preparePartFolder(paths.agent, me, me)
  if (existsSync(paths.agentIdentity) && options.again !== true) {
    throw new CliError(
      'already-enrolled',
      exitCodes.refused,
      `This home is enrolled already: ${paths.agentIdentity}`,
      "Start 'vedette agent', or enrol it anew with --again",
    )
  }
  const authority = await fetchAuthority(server, fingerprint)
  const keyFile = join(paths.agent, 'new-key.pem')
  // The same key for a try that was interrupted, which the server then knows again.
  const key = existsSync(keyFile) ? readFileSync(keyFile, 'utf8') : newKey()
  await writePrivately(keyFile, key)
  const ask = () =>
    enrol({ server, authority, key, secret, hostname: hostname(), now: clock.now() }).catch(inWords)
  let answer = await ask()
  if ('state' in answer) tellWaiting(invocation, answer)
  while ('state' in answer) {
    await delay(ASK_EVERY_MS, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return exitCodes.refused
    answer = await ask()
  }
  await writeIdentity(paths.agentIdentity, answer)
  rmSync(keyFile, { force: true })
  const { agent, tenant } = answer
  if (invocation.json) printJson(invocation, { state: 'enrolled', agent, tenant, server })
  else {
    printLine(invocation, `Enrolled as ${style.bold(agent)} with ${safe(server)}.`)
    printLine(invocation, "Watch with 'vedette agent'.")
  }
  return exitCodes.ok
}

function tellWaiting(invocation: Invocation, { agent, key }: Waiting): void {
  if (invocation.json) return printJsonLine(invocation, { state: 'pending', agent, key })
  const { style } = invocation
  printLine(
    invocation,
    `Waits to be approved. On the server: ${style.bold(`vedette agents approve ${safe(agent)}`)}`,
  )
  printLine(
    invocation,
    `Its key is ${safe(key)}; compare it there. Ctrl-C stops waiting; the same command goes on.`,
  )
}

function serverOf(text: string): string {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' || url.pathname !== '/' || url.search !== '' || url.username !== '') {
    throw usage('--server: expected https://HOST:PORT')
  }
  return url.origin
}

function secretOf({ secret, secretFile }: EnrollOptions): Secret | undefined {
  if (secret !== undefined && secretFile !== undefined) throw usage('Give --secret or --secret-file')
  if (secret !== undefined) return new Secret(secret)
  if (secretFile === undefined) return undefined
  try {
    return new Secret(readFileSync(secretFile, 'utf8').trim())
  } catch (error) {
    throw usage(`--secret-file: cannot read ${secretFile}: ${(error as NodeJS.ErrnoException).code ?? ''}`)
  }
}

const hints: Readonly<Record<string, readonly [ExitCode, string]>> = {
  'server-unreachable': [
    exitCodes.notRunning,
    'Is api.agents_listen set there, and does a firewall stand between?',
  ],
  'enrolment-refused': [exitCodes.refused, "Get a new one on the server: 'vedette agents secret create'"],
  'rate-limited': [exitCodes.refused, 'Wait a minute and try again'],
}

/** What the server said, with what to do about it. */
function inWords(error: unknown): never {
  const known = error instanceof CodedError ? hints[error.code] : undefined
  if (known === undefined) throw error
  const { code, message } = error as CodedError
  throw new CliError(code, known[0], safe(message), known[1], { cause: error })
}

function usage(message: string): CliError {
  return new CliError('usage', exitCodes.usage, message, "See 'vedette enroll --help'")
}
