import { parentPort, workerData } from 'node:worker_threads'
import { SIGN_OF_LIFE_MS } from '@vedette/base'
import type { Source } from './source.ts'
import type { FromWorker, ToWorker } from './worker-protocol.ts'

/**
 * The whole of a collector's worker: opens the source with the configuration that the worker was started with, and runs
 * it until it is told to stop.
 */
export async function serve<Config>(open: (config: Config) => Source): Promise<void> {
  const port = parentPort
  if (port === null) throw new TypeError('This file runs in a worker only')
  const post = (message: FromWorker) => port.postMessage(message)
  const stop = new AbortController()
  const watched = new Map<number, Disposable>()
  let alive: NodeJS.Timeout | undefined
  try {
    using source = open(workerData as Config)
    port.on('message', (message: ToWorker) => {
      if (message.type === 'stop') stop.abort()
      else if (message.type === 'watch') {
        const watch = source.watch?.(message.path)
        if (watch !== undefined) watched.set(message.id, watch)
        post({ type: 'watching', id: message.id })
      } else {
        watched.get(message.id)?.[Symbol.dispose]()
        watched.delete(message.id)
      }
    })
    const blindSpots = () => source.blindSpots?.() ?? []
    post({ type: 'ready', blindSpots: blindSpots() })
    alive = setInterval(() => post({ type: 'alive', blindSpots: blindSpots() }), SIGN_OF_LIFE_MS)
    await source.run(
      (records, lost, ofKind = 'unseen') => post({ type: 'records', records, lost, ofKind }),
      stop.signal,
    )
    post({ type: 'ended' })
  } catch (error) {
    post({ type: 'failed', message: error instanceof Error ? error.message : String(error) })
  } finally {
    clearInterval(alive)
    port.close()
  }
}
