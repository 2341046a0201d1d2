import { closeSync } from 'node:fs'
import { lazily, libcFunction, systemCallError } from '../libc.ts'

const EPOLL_CLOEXEC = 0x80000
const EPOLL_CTL_ADD = 1
const EPOLLIN = 1
const EPOLLET = 0x8000_0000

const epollCreate = lazily(() => libcFunction<(flags: number) => number>('epoll_create1', 'int', ['int']))
const epollControl = lazily(() =>
  libcFunction<(epoll: number, operation: number, fd: number, event: Uint8Array) => number>(
    'epoll_ctl',
    'int',
    ['int', 'int', 'int', 'void *'],
  ),
)
const epollWait = lazily(() =>
  libcFunction<(epoll: number, events: Uint8Array, count: number, timeoutMs: number) => number>(
    'epoll_wait',
    'int',
    ['int', 'void *', 'int', 'int'],
  ),
)

/**
 * Lets a thread sleep until the kernel wakes one of its rings. Edge-triggered: only a record that was written to wake
 * the reader ends the sleep, not what merely lies in the ring.
 */
export class WakeUp implements Disposable {
  readonly #epoll: number
  readonly #events = new Uint8Array(12 * 4)
  #open = true

  /** @throws {SystemCallError} */
  constructor(fds: readonly number[]) {
    this.#epoll = epollCreate()(EPOLL_CLOEXEC)
    if (this.#epoll < 0) throw systemCallError('epoll_create1', 'wait for a ring')
    for (const fd of fds) {
      const event = new Uint8Array(12)
      new DataView(event.buffer).setUint32(0, EPOLLIN + EPOLLET, true)
      if (epollControl()(this.#epoll, EPOLL_CTL_ADD, fd, event) !== 0) {
        throw systemCallError('epoll_ctl', `wait for descriptor ${fd}`)
      }
    }
  }

  /** Blocks this thread, and its event loop with it, until a wake-up or the time is over. True for a wake-up. */
  sleep(timeoutMs: number): boolean {
    return epollWait()(this.#epoll, this.#events, 4, timeoutMs) > 0
  }

  [Symbol.dispose](): void {
    if (!this.#open) return
    this.#open = false
    closeSync(this.#epoll)
  }
}
