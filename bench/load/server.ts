import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { contentDirectory } from '@vedette/detect'
import { launchCommand } from '@vedette/linux'
import { newSecrets, nobody } from '../../apps/server/src/testing/test-server.ts'
import { tokenHash } from '../../apps/server/src/access/token.ts'
import type { ServerReport, ServerSettingsLine } from '../../apps/server/src/settings.ts'

const MAIN = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url))
const CHECKOUT = realpathSync(fileURLToPath(new URL('../..', import.meta.url)))

/** A server alone, in a process and with stores of its own, that takes agents over TLS; all rules of the house. */
export interface LoneServer extends AsyncDisposable {
  readonly url: string
  /** A home for the command line: `--home`. */
  readonly home: string
  /** The server's own folder. */
  readonly stores: string
  readonly child: ChildProcess
  /** CPU time of the process, all its threads: seconds. */
  cpuSeconds(): number
  /** Resident memory, bytes. */
  memoryBytes(): number
  /** Calls the API as the operator. */
  call(path: string, request?: RequestInit): Promise<Response>
}

/** @param options `node`: flags for its Node */
export async function startLoneServer(
  options: {
    readonly node?: readonly string[]
    readonly config?: Partial<ServerSettingsLine['config']>
    /** Keeps its folder. */
    readonly folder?: string
    /** Module that is run in the place of the server's own, with its arguments. */
    readonly program?: readonly [string, ...string[]]
  } = {},
): Promise<LoneServer> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'vedette-lone-'))
  const user = nobody()
  const stores = join(folder, 'server')
  mkdirSync(stores, { recursive: true })
  chmodSync(folder, 0o711)
  if (user) chownSync(stores, user.uid, user.gid)
  const secrets = newSecrets()
  const settings: ServerSettingsLine = {
    version: '0.0.0-bench',
    home: stores,
    secrets: {
      cliTokenHash: tokenHash(secrets.cliToken),
      agents: [],
      setupTokenHash: tokenHash(secrets.setupToken),
    },
    content: contentDirectory,
    config: { api: { listen: '127.0.0.1:0', agents_listen: '127.0.0.1:0' }, ...options.config },
    logLevel: 'warn',
  }
  const command = [process.execPath, ...(options.node ?? []), ...(options.program ?? [MAIN])] as const
  const { file, args } = user
    ? launchCommand(
        { user, capabilities: [], reachable: [CHECKOUT, realpathSync(folder)], workingDirectory: '/' },
        command,
      )
    : { file: command[0], args: command.slice(1) }
  const child = spawn(file, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
  })
  const closed = once(child, 'close')
  child.stdin.on('error', () => undefined)
  child.stdin.write(`${JSON.stringify(settings)}\n`)
  const report = await new Promise<ServerReport>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as ServerReport))
    child.once('close', (code) => reject(new Error(`the server ended with ${code}`)))
  })
  if (report.type !== 'ready') throw new Error(report.message)
  const home = join(folder, 'home')
  mkdirSync(join(home, 'operator'), { recursive: true })
  writeFileSync(
    join(home, 'operator', 'endpoint.json'),
    JSON.stringify({ url: report.url, pid: process.pid }),
  )
  writeFileSync(join(home, 'operator', 'cli-token'), secrets.cliToken)
  const pid = child.pid ?? 0
  return {
    url: report.url,
    home,
    stores,
    child,
    cpuSeconds() {
      // proc(5): utime and stime, in hundredths of a second.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) / 100
    },
    memoryBytes: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024,
    call: (path, request = {}) =>
      fetch(`${report.url}${path}`, {
        ...request,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${secrets.cliToken}` },
      }),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      await closed
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}
