import { BoundedQueue } from '@vedette/base'
import type { Alert, Incident } from '@vedette/model'

/** What is told live, by topic. */
export interface Topics {
  readonly alert: Alert
  readonly incident: Incident
}

export interface Bus {
  publish<T extends keyof Topics>(topic: T, value: Topics[T]): void
  /**
   * Values published from now on, until the signal aborts. A subscriber that does not keep up loses the newest ones;
   * `onLoss` is then told how many it has lost so far.
   */
  subscribe<T extends keyof Topics>(
    topic: T,
    options: { readonly capacity?: number; readonly onLoss?: (lost: number) => void },
    signal: AbortSignal,
  ): AsyncIterable<Topics[T]>
}

const DEFAULT_CAPACITY = 1000

/** Hands live values to whoever listens in this process. Nothing is kept: what must not be lost is in the store. */
export function createBus(): Bus {
  const listeners = new Map<keyof Topics, Set<(value: Topics[keyof Topics]) => void>>()

  return {
    publish(topic, value) {
      for (const listen of listeners.get(topic) ?? []) listen(value)
    },

    subscribe<T extends keyof Topics>(
      topic: T,
      options: { readonly capacity?: number; readonly onLoss?: (lost: number) => void },
      signal: AbortSignal,
    ): AsyncIterable<Topics[T]> {
      const queue = new BoundedQueue<Topics[T]>(options.capacity ?? DEFAULT_CAPACITY)
      const listen = (value: Topics[keyof Topics]) => {
        if (!queue.offer(value as Topics[T])) options.onLoss?.(queue.counters.lost)
      }
      const topicListeners = listeners.get(topic) ?? new Set()
      listeners.set(topic, topicListeners)
      topicListeners.add(listen)
      signal.addEventListener('abort', () => topicListeners.delete(listen), { once: true })
      return values(queue, () => topicListeners.delete(listen), signal)
    },
  }
}

async function* values<T>(queue: BoundedQueue<T>, stop: () => void, signal: AbortSignal): AsyncGenerator<T> {
  try {
    for await (const batch of queue.batches(100, signal)) yield* batch
  } finally {
    stop()
  }
}
