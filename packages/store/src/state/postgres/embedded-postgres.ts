import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { CodedError, type Logger } from '@vedette/base'
import pg from 'pg'
import { lockFolder } from '../../folder-lock.ts'
import { DEFAULT_CONNECTIONS, type Wrap } from '../options.ts'
import { findPostgres, type PostgresBinaries } from './binaries.ts'
import { ensureCluster, ownFolder, type RunAs } from './cluster.ts'
import { waitForPrevious } from './previous-postmaster.ts'
import { postgresSettings } from './settings.ts'

export interface EmbeddedPostgresOptions extends RunAs {
  /** Absolute; a folder of this PostgreSQL alone. */
  readonly folder: string
  readonly log: Logger
  /** Connections that the service may hold, besides the few of its owner. Default `DEFAULT_CONNECTIONS`. */
  readonly connections?: number
  readonly wrap?: Wrap
}

/** A PostgreSQL of our own, without a network port. Disposing of it stops it. */
export interface EmbeddedPostgres extends AsyncDisposable {
  /** Address as the `pg` package takes it. */
  readonly host: string
  readonly port: number
  /** pid of the postmaster that runs now. */
  readonly pid: number | undefined
  /** Whether it said that the disk is full since it was last ready: without room for its log it stops at once. */
  readonly saysDiskFull: boolean
}

const PORT = 5432
const READY_POLL_MS = 10
/** Crash recovery replays at most `max_wal_size`; on a slow disk that takes its time. */
const READY_LIMIT_MS = 60_000
const FAST_STOP_MS = 3000
const IMMEDIATE_STOP_MS = 2000
const FIRST_RESTART_PAUSE_MS = 50
const LONGEST_RESTART_PAUSE_MS = 5000

/**
 * Starts PostgreSQL on a folder, with a new cluster where there is none, and starts it again when it dies.
 *
 * When this process dies PostgreSQL gets SIGINT (a fast shutdown) through `wrap`, by default util-linux' `setpriv
 * --pdeathsig`. Where there is neither, a PostgreSQL that was left behind is waited for at the next start.
 *
 * @throws {CodedError} `folder-in-use`, `disk-full`, `postgres-missing`, `postgres-version`, `postgres-running`,
 * `postgres-failed`
 */
export async function startPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  ownFolder(options.folder, options)
  const folder = realpathSync(options.folder)
  const lock = lockFolder(folder)
  try {
    const binaries = findPostgres(folder, options)
    const data = await ensureCluster(folder, binaries, options)
    const run = join(folder, 'run')
    ownFolder(run, options)
    const postgres = new Postmaster(options, binaries, data, run, lock)
    await postgres.start()
    return postgres
  } catch (error) {
    lock[Symbol.dispose]()
    throw error
  }
}

class Postmaster implements EmbeddedPostgres {
  readonly port = PORT
  readonly host: string
  readonly #options: EmbeddedPostgresOptions
  readonly #binaries: PostgresBinaries
  readonly #data: string
  readonly #run: string
  readonly #runFd: number
  readonly #lock: Disposable
  #child: ChildProcess | undefined
  #lastLines: string[] = []
  #saysDiskFull = false
  #stopping = false
  #restarting: Promise<void> | undefined

  constructor(
    options: EmbeddedPostgresOptions,
    binaries: PostgresBinaries,
    data: string,
    run: string,
    lock: Disposable,
  ) {
    this.#options = options
    this.#binaries = binaries
    this.#data = data
    this.#run = run
    this.#lock = lock
    // Through the open folder the address stays under the 107 bytes of a socket's, however deep the folder is.
    this.#runFd = openSync(run, 'r')
    this.host = `/proc/self/fd/${this.#runFd}`
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  get saysDiskFull(): boolean {
    return this.#saysDiskFull
  }

  async start(): Promise<void> {
    await waitForPrevious(this.#data)
    // Nobody is left who could listen there; a lock file that names a dead process which nobody has collected would keep
    // PostgreSQL from it all the same.
    for (const name of ['', '.lock']) rmSync(`${this.#run}/.s.PGSQL.${PORT}${name}`, { force: true })
    const { connections = DEFAULT_CONNECTIONS } = this.#options
    const settings = Object.entries(postgresSettings(connections)).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ])
    const wrap = this.#options.wrap ?? defaultWrap
    const { file, args } = wrap(this.#binaries.postgres, ['-D', this.#data, ...settings])
    const { uid, gid } = this.#options
    const child = spawn(file, args, {
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
      cwd: '/',
      env: { ...this.#binaries.env, LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#child = child
    this.#lastLines = []
    createInterface({ input: child.stderr }).on('line', (line) => this.#heard(line))
    const failed = new Promise<never>((_, reject) => {
      child.once('error', (error) => reject(this.#failure(error)))
      child.once('exit', () => reject(this.#failure()))
    })
    failed.catch(() => undefined)
    await Promise.race([this.#ready(child), failed])
    child.removeAllListeners('exit')
    if (child.exitCode !== null || child.signalCode !== null) throw this.#failure()
    this.#saysDiskFull = false
    child.once('exit', (code, signal) => this.#died(code, signal))
  }

  async #ready(child: ChildProcess): Promise<void> {
    const until = performance.now() + READY_LIMIT_MS
    while (child.exitCode === null && child.signalCode === null) {
      const client = new pg.Client({ host: this.host, port: PORT, user: 'postgres', database: 'postgres' })
      // An unanswered error event would end the process.
      client.on('error', () => undefined)
      try {
        await client.connect()
        await client.end()
        return
      } catch (error) {
        if (performance.now() > until) throw this.#failure(error)
      }
      await delay(READY_POLL_MS)
    }
  }

  #heard(line: string): void {
    if (this.#lastLines.push(line) > 20) this.#lastLines.shift()
    if (line.includes('No space left on device')) this.#saysDiskFull = true
    if (line.includes('database system is ready to accept connections')) this.#saysDiskFull = false
    const { log } = this.#options
    if (/^(FATAL|PANIC|WARNING):/.test(line) && !/starting up|shutting down/.test(line)) {
      log.warn({ line }, 'PostgreSQL says')
    } else {
      log.debug({ line }, 'PostgreSQL says')
    }
  }

  #failure(cause?: unknown): CodedError {
    const reason = cause instanceof Error ? cause.message : 'it ended without a word'
    const said = this.#lastLines.join(' ').slice(-1000) || reason
    const code = /No space left on device/.test(said) ? 'disk-full' : 'postgres-failed'
    return new CodedError(code, `Cannot start PostgreSQL: ${said}`, { cause })
  }

  #died(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#stopping) return
    this.#options.log.error({ code, signal }, 'PostgreSQL died and is started again')
    this.#restarting = this.#restart().finally(() => {
      this.#restarting = undefined
    })
  }

  async #restart(): Promise<void> {
    let pauseMs = FIRST_RESTART_PAUSE_MS
    while (!this.#stopping) {
      await delay(pauseMs)
      if (this.#stopping) return
      try {
        await this.start()
        return
      } catch (error) {
        this.#options.log.error({ error }, 'PostgreSQL could not be started again')
        pauseMs = Math.min(pauseMs * 2, LONGEST_RESTART_PAUSE_MS)
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopping) return
    this.#stopping = true
    await this.#restarting
    const child = this.#child
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      // Signals go to a child that we have not yet reaped, so its pid cannot be another's.
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      for (const [signal, patienceMs] of [
        ['SIGINT', FAST_STOP_MS],
        ['SIGQUIT', IMMEDIATE_STOP_MS],
        ['SIGKILL', IMMEDIATE_STOP_MS],
      ] as const) {
        child.kill(signal)
        const timer = new AbortController()
        const late = delay(patienceMs, true, { signal: timer.signal }).catch(() => false)
        const isLate = await Promise.race([exited.then(() => false), late])
        timer.abort()
        if (!isLate) break
        this.#options.log.warn({ signal, patienceMs }, 'PostgreSQL did not stop')
      }
    }
    closeSync(this.#runFd)
    this.#lock[Symbol.dispose]()
  }
}

const SETPRIV = '/usr/bin/setpriv'

/** Has the kernel tell PostgreSQL to shut down when we die, by util-linux' setpriv, which every Debian has. */
function defaultWrap(file: string, args: readonly string[]): { file: string; args: readonly string[] } {
  if (!existsSync(SETPRIV)) return { file, args }
  return { file: SETPRIV, args: ['--pdeathsig', 'INT', '--', file, ...args] }
}
