import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type LaunchCommand, launchCommand } from '@vedette/linux'

const root = realpathSync(fileURLToPath(new URL('..', import.meta.url)))
const checkout = join(root, 'apps', 'cli', 'bin', 'vedette')

interface User {
  readonly uid?: number
  readonly gid?: number
}

export interface Finished {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** What `vedette up --ready-file` writes. */
export interface Ready {
  readonly url: string
  readonly pid: number
  readonly setupToken: string
}

/** A whole running house in a folder of its own, driven from outside like a person would. */
export interface House extends AsyncDisposable {
  readonly home: string
  readonly ready: Ready
  /** Milliseconds from the start of the command to the ready file. */
  readonly readyAfterMs: number
  readonly supervisor: ChildProcess
  /** All that it printed so far, both streams. */
  output(): string
  /** Runs another command of the same home. */
  vedette(...args: string[]): Promise<Finished>
  /** The token that the command line uses, for calls to the API. */
  token(): string
  /** Asks the API: a look that is taken again and again costs next to nothing, where a command starts a program. */
  ask(query: string, variables?: object): Promise<unknown>
  /** Ctrl-C; resolves with the milliseconds that it took to end. */
  stop(): Promise<number>
  /** kill -9 of the supervisor alone. */
  kill(): Promise<void>
}

export interface HouseOptions {
  /** Default: a new folder, removed when the house is disposed of. */
  readonly home?: string
  readonly args?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Run it as this user; for tests that start as root. */
  readonly uid?: number
  readonly gid?: number
  readonly readyWithinMs?: number
  /** Working folder of the command; this process's by default. */
  readonly cwd?: string
  /** The command; that of this checkout by default. */
  readonly launcher?: string
}

export async function startHouse(options: HouseOptions = {}): Promise<House> {
  const launcher = options.launcher ?? checkout
  const ownFolder = options.home === undefined ? mkdtempSync(join(tmpdir(), 'vedette-house-')) : undefined
  const home = options.home ?? join(ownFolder ?? '', 'home')
  const readyFile = join(ownFolder ?? tmpdir(), `ready-${process.pid}-${performance.now()}.json`)
  const env = { ...process.env, NO_COLOR: '1', ...options.env }
  const user = {
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  }
  const startedMs = performance.now()
  const { file, args } = commandAs(user, launcher, [
    'up',
    '--home',
    home,
    '--port',
    '0',
    '--ready-file',
    readyFile,
    ...(options.args ?? []),
  ])
  const supervisor = spawn(file, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  })
  let printed = ''
  for (const stream of [supervisor.stdout, supervisor.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
  }
  const ended = new Promise<void>((resolve) => {
    supervisor.once('exit', () => resolve())
  })

  const deadline = startedMs + (options.readyWithinMs ?? 60_000)
  while (!existsSync(readyFile)) {
    if (supervisor.exitCode !== null || performance.now() > deadline) {
      supervisor.kill('SIGKILL')
      throw new Error(`vedette up did not get ready (exit ${supervisor.exitCode ?? 'none'}):\n${printed}`)
    }
    await delay(10)
  }
  const readyAfterMs = performance.now() - startedMs
  const ready = JSON.parse(readFileSync(readyFile, 'utf8')) as Ready
  rmSync(readyFile)

  const stop = async (): Promise<number> => {
    const stopMs = performance.now()
    if (supervisor.exitCode === null && supervisor.signalCode === null) {
      supervisor.kill('SIGINT')
      await ended
    }
    return performance.now() - stopMs
  }
  const token = () => readFileSync(join(home, 'operator', 'cli-token'), 'utf8').trim()
  return {
    home,
    ready,
    readyAfterMs,
    supervisor,
    output: () => printed,
    vedette: (...args) => vedette([...args, '--home', home], env, user, launcher),
    token,
    async ask(query, variables = {}) {
      const response = await fetch(`${ready.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token()}` },
        body: JSON.stringify({ query, variables }),
      })
      return ((await response.json()) as { data: unknown }).data
    },
    stop,
    async kill() {
      supervisor.kill('SIGKILL')
      await ended
    },
    async [Symbol.asyncDispose]() {
      await stop()
      if (ownFolder !== undefined) rmSync(ownFolder, { recursive: true, force: true })
    },
  }
}

/** Runs one command of Vedette to its end. */
export function vedette(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  user: User = {},
  launcher = checkout,
): Promise<Finished> {
  const command = commandAs(user, launcher, args)
  return new Promise((resolve) => {
    execFile(
      command.file,
      command.args,
      { env, timeout: 60_000, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
        resolve({ status, stdout, stderr })
      },
    )
  })
}

/** A command as another user, who can reach this checkout also where it lies in the home folder of root. */
function commandAs(user: User, program: string, args: readonly string[]): LaunchCommand {
  if (user.uid === undefined) return { file: program, args }
  const { uid, gid = uid } = user
  const spec = { user: { uid, gid }, capabilities: [], reachable: [root], workingDirectory: '/' }
  return launchCommand(spec, [realpathSync(program), ...args])
}
