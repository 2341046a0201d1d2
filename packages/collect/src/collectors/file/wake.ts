import { type FSWatcher, watch } from 'node:fs'

/**
 * Tells when something changes in a set of folders, or when enough time has passed. Folders are watched, not files: a
 * file's own watch goes with the file when it is rotated away.
 */
export class Wake implements Disposable {
  readonly #watchers = new Map<string, FSWatcher>()
  #changed = false
  #wake: (() => void) | undefined

  /** Watches these folders and no others. One that is not there, or may not be watched, is left to the slow look. */
  follow(folders: ReadonlySet<string>): void {
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue
      watcher.close()
      this.#watchers.delete(folder)
    }
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#watch(folder)
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => {
        this.#changed = true
        this.#wake?.()
      })
      watcher.on('error', () => {
        watcher.close()
        this.#watchers.delete(folder)
      })
      this.#watchers.set(folder, watcher)
    } catch {
      // The slow look finds what happens there.
    }
  }

  /** Resolves with true when something changed since the last call, with false after `timeoutMs` or when it aborts. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#changed && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', end)
          this.#wake = undefined
          resolve()
        }
        const timer = setTimeout(end, timeoutMs)
        signal.addEventListener('abort', end)
        this.#wake = end
      })
    }
    const changed = this.#changed
    this.#changed = false
    return changed
  }

  /** Resolves when it aborts. */
  async untilAborted(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) await this.wait(3_600_000, signal)
  }

  [Symbol.dispose](): void {
    this.follow(new Set())
  }
}
