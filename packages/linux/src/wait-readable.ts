import koffi from 'koffi'

/**
 * Resolves with true once a file descriptor can be read, with false once the signal aborts. It hangs in the event loop
 * like a socket of Node: no thread waits and nothing is polled on a timer.
 *
 * The descriptor must stay open until it has resolved.
 */
export function waitReadable(fd: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false)
  return new Promise((resolve) => {
    const end = (readable: boolean) => {
      handle.stop()
      handle.close()
      signal.removeEventListener('abort', onAbort)
      resolve(readable)
    }
    const onAbort = () => end(false)
    const handle = koffi.node.poll(fd, { readable: true, disconnect: true }, () => end(true))
    signal.addEventListener('abort', onAbort)
  })
}
