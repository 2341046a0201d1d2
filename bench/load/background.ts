import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const TICK_MS = 20

export interface Background extends AsyncDisposable {
  /** Programs started and connections made so far. */
  counts(): { readonly execs: number; readonly connections: number }
}

/**
 * A busy but innocent host, for as long as it is not disposed of and at most `maxSeconds`: programs start and end (2
 * events each) and connections over loopback come and go (open, accept and their ends: 4 events each).
 */
export async function startBackground(
  execsPerSecond: number,
  connectionsPerSecond: number,
  maxSeconds: number,
): Promise<Background> {
  let execs = 0
  let connections = 0
  const server = createServer((socket) => {
    socket.on('error', () => undefined).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // One shell that starts /bin/true n times for each line that it reads: a fork costs it less than it would cost Node.
  const shell = spawn(
    'sh',
    ['-c', 'while read n; do while [ $n -gt 0 ]; do /bin/true; n=$((n-1)); done; done'],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  )
  const stop = new AbortController()
  const run = async () => {
    const startMs = performance.now()
    while (!stop.signal.aborted && performance.now() - startMs < maxSeconds * 1000) {
      const seconds = (performance.now() - startMs) / 1000
      const dueExecs = Math.floor(seconds * execsPerSecond) - execs
      const dueConnections = Math.floor(seconds * connectionsPerSecond) - connections
      if (dueExecs > 0) shell.stdin.write(`${dueExecs}\n`)
      execs += Math.max(0, dueExecs)
      for (let i = 0; i < dueConnections; i += 1) dial(server)
      connections += Math.max(0, dueConnections)
      await delay(TICK_MS)
    }
  }
  const running = run()
  return {
    counts: () => ({ execs, connections }),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
      await end(shell)
      server.close()
    },
  }
}

function dial(server: Server): void {
  const address = server.address()
  if (address === null || typeof address === 'string') return
  const socket = connect(address.port, '127.0.0.1')
  socket.on('error', () => undefined).on('connect', () => socket.end())
}

async function end(shell: ChildProcess): Promise<void> {
  shell.stdin?.end()
  if (shell.exitCode === null) await once(shell, 'exit')
}
