import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { lockFile } from '@vedette/linux'
import { CliError } from '../cli-error.ts'
import type { Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { version } from '../version.ts'
import { Announcer } from './announcer.ts'
import { configure } from './configure.ts'
import { refuseTakenPort } from './free-port.ts'
import { prepareHome, preparePartFolder } from './home-folder.ts'
import { House } from './house.ts'
import { awaitOldParts } from './old-parts.ts'
import { ensureSystemUser } from './system-user.ts'
import { readRunning } from './running.ts'

export interface UpOptions {
  readonly port?: number
  readonly config?: string
  readonly readyFile?: string
}

/** How long the parts of a killed supervisor may take to notice. */
const OLD_PARTS_PATIENCE_MS = 6000
/** How long another `vedette up` of the same home may take to stop. */
const STOPPING_PATIENCE_MS = 6000

/** `vedette up`: checks, prepares, starts, watches over and stops the house. */
export async function up(invocation: Invocation, options: UpOptions): Promise<ExitCode> {
  const { paths, terminal, signal } = invocation
  const me = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const announcer = new Announcer(invocation, version())
  // Everything that can be wrong without anything being started is told first.
  const config = configure(paths, options.config, terminal.env)
  prepareHome(paths, me)
  using held = new DisposableStack()
  held.use(await takeHome(invocation))
  // What a killed one left says where nobody is any more.
  rmSync(paths.endpoint, { force: true })
  announcer.begin(config.warnings)
  const serverUser = me.uid === 0 ? await ensureSystemUser() : me
  preparePartFolder(paths.server, serverUser, me)
  preparePartFolder(paths.agent, me, me)
  preparePartFolder(paths.operator, me, me)
  if (options.readyFile !== undefined) rmSync(resolve(options.readyFile), { force: true })
  const old = await awaitOldParts(paths.partsFile, OLD_PARTS_PATIENCE_MS, signal)
  if (old > 0) announcer.recovered(old)
  if (signal.aborted) return exitCodes.ok
  // After the old parts, one of which may have held it.
  const { listen } = config.values['api'] as { listen: { host: string; port: number } }
  await refuseTakenPort({ host: listen.host, port: options.port ?? listen.port })
  const house = new House({
    paths,
    config,
    port: options.port,
    readyFile: options.readyFile === undefined ? undefined : resolve(options.readyFile),
    me,
    serverUser,
    version: version(),
    announcer,
  })
  await house.run(signal)
  return exitCodes.ok
}

/** The lock of the home folder, which one `vedette up` holds at a time. One that stops just now is waited for. */
async function takeHome({ paths, signal }: Invocation): Promise<Disposable> {
  const deadlineMs = performance.now() + STOPPING_PATIENCE_MS
  for (;;) {
    const lock = lockFile(paths.lockFile)
    if (lock !== undefined) return lock
    const running = readRunning(paths)
    if (running === undefined && performance.now() < deadlineMs && !signal.aborted) {
      await delay(100, undefined, { signal }).catch(() => undefined)
      continue
    }
    throw new CliError(
      'already-running',
      exitCodes.failure,
      running === undefined
        ? `Another 'vedette up' is starting or stopping in ${paths.home}`
        : `Vedette already runs in ${paths.home}: process ${running.pid}, ${running.url}`,
      "See 'vedette status', or name another folder with --home DIR",
    )
  }
}
