import { flushCompileCache } from 'node:module'
import { createInterface } from 'node:readline'
import { CodedError, ConfigError, createLogger, type Logger, parseConfig, systemClock } from '@vedette/base'
import { refuseRoot } from './run-as.ts'
import { type ServerReport, type ServerSettings, serverSettingsSchema } from './settings.ts'
import type { RunningServer } from './start.ts'

/** A stop that hangs is ended: what was acknowledged is on disk already. */
const STOP_WITHIN_MS = 4000

/** Standard output belongs to the supervisor: one JSON object a line. */
function tell(report: ServerReport): void {
  process.stdout.write(`${JSON.stringify(report)}\n`)
}

/** Tells why and ends. */
function giveUp(error: unknown, log: Logger): never {
  const coded = error instanceof CodedError || error instanceof ConfigError
  const code = coded ? error.code : 'internal'
  const message = error instanceof Error ? error.message : String(error)
  log.error({ error }, 'server cannot go on')
  tell({ type: 'fatal', code, message })
  process.exit(1)
}

/** The settings, and the end of standard input as the signal to stop: whoever started the server is gone then. */
function readSettings(stop: () => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: process.stdin, crlfDelay: Infinity })
    lines.once('line', (line) => {
      try {
        resolve(JSON.parse(line))
      } catch {
        reject(new CodedError('settings-invalid', 'The settings on standard input are not one line of JSON'))
      }
    })
    lines.once('close', () => {
      reject(new CodedError('settings-missing', 'Standard input ended before the settings'))
      stop()
    })
  })
}

async function main(): Promise<void> {
  const stopping = Promise.withResolvers<void>()
  const stop = () => stopping.resolve()
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  let log = createLogger('info')
  process.on('uncaughtException', (error) => giveUp(error, log))
  process.on('unhandledRejection', (error) => giveUp(error, log))

  let server: RunningServer
  try {
    const settings: ServerSettings = parseConfig(
      serverSettingsSchema,
      await readSettings(stop),
      'from the supervisor',
    )
    log = createLogger(settings.logLevel)
    refuseRoot(process.getuid?.())
    // Loaded once there is something to start: what is refused is refused at once.
    const { startServer } = await import('./start.ts')
    server = await startServer(settings, { clock: systemClock, log })
  } catch (error) {
    giveUp(error, log)
  }
  tell({ type: 'ready', url: server.url, setupNeeded: server.setupNeeded })
  // One that is killed does not write it, and the next start would have to compile it all again.
  setImmediate(() => flushCompileCache())
  log.info({ url: server.url }, 'server is ready')

  await stopping.promise
  const late = setTimeout(() => {
    log.error({}, 'server did not stop in time')
    process.exit(1)
  }, STOP_WITHIN_MS)
  await server[Symbol.asyncDispose]()
  clearTimeout(late)
  log.info({}, 'server stopped')
  process.exit(0)
}

await main()
