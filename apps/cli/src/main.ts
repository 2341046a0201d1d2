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
// A reader such as `head` that has seen enough ends a command, which still tidies up; but it does not end the watch.
process.stdout.on('error', () => {
  if (!process.argv.includes('up')) stop.abort('SIGPIPE')
})
process.stderr.on('error', () => undefined)

const { runProgram } = await import('./program.ts')
const { processTerminal } = await import('./terminal.ts')
const clock = { now: () => Date.now(), monotonic: () => performance.now() }
process.exitCode = await runProgram(process.argv.slice(2), processTerminal(), clock, stop.signal)
