import { flushCompileCache } from 'node:module'
import { CodedError, ConfigError, createLogger, type Logger, systemClock } from '@vedette/base'
import { runAgent } from './agent.ts'
import { openControl } from './control.ts'
import type { AgentMessageLine } from './report.ts'

/** Standard output belongs to the supervisor: one JSON object a line. */
function tell(message: AgentMessageLine): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

/** Tells why and ends. */
function giveUp(error: unknown, log: Logger): never {
  const coded = error instanceof CodedError || error instanceof ConfigError
  const message = error instanceof Error ? error.message : String(error)
  log.error({ error }, 'agent cannot go on')
  tell({ type: 'fatal', code: coded ? error.code : 'internal', message })
  process.exit(1)
}

/** By then all is loaded. An agent that is killed one day keeps its compiled code nevertheless. */
const COMPILED_MS = 15_000

setTimeout(() => flushCompileCache(), COMPILED_MS).unref()
let log = createLogger('info')
const stop = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
process.on('uncaughtException', (error) => giveUp(error, log))
process.on('unhandledRejection', (error) => giveUp(error, log))
// Whoever read it is gone; the end of standard input says so too.
process.stdout.on('error', () => stop.abort())
try {
  const control = await openControl(process.stdin)
  void control.ended.then(() => stop.abort())
  log = createLogger(control.settings.logLevel)
  await runAgent(
    control,
    { clock: systemClock, log, random: Math.random, tell, giveUp: (error) => giveUp(error, log) },
    stop.signal,
  )
} catch (error) {
  giveUp(error, log)
}
process.exit(0)
