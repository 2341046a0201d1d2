import type { Clock } from '@vedette/base'
import { RemoteMounts } from '@vedette/linux'

/** Whoever does not answer for so long is not waited for. */
const LONGEST_MS = 5000
/** Each question that is not answered keeps one of the few threads that ask for the whole process. */
const MOST_UNANSWERED = 2

/** A file system did not answer, or is not asked since it owes an answer. */
export class Unanswered extends Error {
  constructor(path: string) {
    super(`${path} cannot be read: its file system does not answer`)
    this.name = 'Unanswered'
  }
}

/**
 * Asks file systems, and waits for none of them for ever: another machine, or a program, that answers for one may be gone.
 * Until the answer has come, nothing else that lies there is asked for, so that one thread waits and not all.
 */
export class Patience {
  readonly #mounts: RemoteMounts
  readonly #longestMs: number
  /** Folders of mounts, and paths of which no mount is known: for each the question that waits. */
  readonly #unanswered = new Map<string, Promise<unknown>>()

  constructor(clock: Clock, longestMs = LONGEST_MS) {
    this.#mounts = new RemoteMounts(clock)
    this.#longestMs = longestMs
  }

  /** Whether a path would not be asked for now. */
  isRefused(path: string): boolean {
    for (const place of this.#unanswered.keys())
      if (path === place || path.startsWith(`${place}/`)) return true
    return this.#unanswered.size >= MOST_UNANSWERED && this.isRemote(path)
  }

  /** Whether another machine or a program answers for it, as far as its text says. */
  isRemote(path: string): boolean {
    return this.#mounts.mountOf(path) !== undefined
  }

  /**
   * @param late told of what came after nobody waited for it any more
   * @throws {Unanswered} at once where the path is refused, else after five seconds
   */
  async ask<T>(path: string, question: () => Promise<T>, late?: (answer: T) => unknown): Promise<T> {
    if (this.isRefused(path)) throw new Unanswered(path)
    const answer = question()
    const enough = Promise.withResolvers<never>()
    const timer = setTimeout(() => enough.reject(new Unanswered(path)), this.#longestMs)
    try {
      return await Promise.race([answer, enough.promise])
    } catch (error) {
      if (error instanceof Unanswered) this.#remember(path, answer, late)
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  #remember<T>(path: string, answer: Promise<T>, late: ((answer: T) => unknown) | undefined): void {
    const place = this.#mounts.mountOf(path) ?? path
    this.#unanswered.set(place, answer)
    answer
      .then(late)
      .catch(() => undefined)
      .finally(() => {
        if (this.#unanswered.get(place) === answer) this.#unanswered.delete(place)
      })
  }
}
