import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// Compiled once, kept beside the program, where only who may change the program may write; never in a shared folder.
enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/vedette', import.meta.url)))

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // The second one is for a command that does not come to its end.
    if (stop.signal.aborted) process.exit(130)
    stop.abort(signal)
  })
}
// A reader such as `head` that has seen enough is not a fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const { runProgram } = await import('./program.ts')
const { processTerminal } = await import('./terminal.ts')
const clock = { now: () => Date.now(), monotonic: () => performance.now() }
process.exitCode = await runProgram(process.argv.slice(2), processTerminal(), clock, stop.signal)
