import type { Clock, Logger } from '@vedette/base'
import type { Authenticator } from './authenticate.ts'
import type { Viewer } from './viewer.ts'

/** Close code for a socket whose session or token is not good any more (graphql-transport-ws, `Unauthorized`). */
export const UNAUTHORIZED = 4401

/** Credentials that are asked about at a time. */
const AT_A_TIME = 16
/** Time for a peer to answer the close; who does not is cut off. */
const ANSWER_WITHIN_MS = 2000

interface Closable {
  close(code: number, reason: string): void
  terminate(): void
}

/** How often sessions of open sockets are looked at; what is revoked elsewhere closes within this. */
const CHECK_EVERY_MS = 500

/**
 * People's open sockets. One closes at once when its session is closed here, and within a second when the session or
 * token expires or is revoked elsewhere.
 */
export class OpenSockets implements Disposable {
  readonly #sockets = new Map<Closable, Viewer>()
  readonly #authenticator: Authenticator
  readonly #clock: Clock
  readonly #log: Logger
  readonly #timer: NodeJS.Timeout
  #checking = false

  constructor(authenticator: Authenticator, clock: Clock, log: Logger) {
    this.#authenticator = authenticator
    this.#clock = clock
    this.#log = log
    this.#timer = setInterval(() => void this.check(), CHECK_EVERY_MS).unref()
  }

  get size(): number {
    return this.#sockets.size
  }

  add(socket: Closable, viewer: Viewer): void {
    this.#sockets.set(socket, viewer)
  }

  remove(socket: Closable): void {
    this.#sockets.delete(socket)
  }

  /** Closes the sockets that one credential opened. */
  closeOf(credentialHash: string): void {
    for (const [socket, viewer] of this.#sockets) {
      if (viewer.credential.hash === credentialHash) this.#close(socket)
    }
  }

  /** Whether a socket may still ask: one that is being closed may not. */
  has(socket: Closable): boolean {
    return this.#sockets.has(socket)
  }

  /** Asks the store for each credential once. A store that does not answer closes nothing: it is asked again soon. */
  async check(): Promise<void> {
    if (this.#checking) return
    this.#checking = true
    try {
      // A key and what was made from it have the same hash, and other ends.
      const asked = new Map<string, Promise<boolean>>()
      const look = async ([socket, viewer]: readonly [Closable, Viewer]) => {
        const { kind, hash, expiresAt = 0 } = viewer.credential
        const name = `${kind} ${hash} ${kind === 'service' ? expiresAt : ''} ${viewer.tenant} ${viewer.role}`
        const good = asked.get(name) ?? this.#authenticator.stillGood(viewer, this.#clock.now())
        asked.set(name, good)
        if (!(await good)) this.#close(socket)
      }
      const sockets = [...this.#sockets]
      for (let at = 0; at < sockets.length; at += AT_A_TIME) {
        await Promise.all(sockets.slice(at, at + AT_A_TIME).map(look))
      }
    } catch (error) {
      this.#log.warn({ error }, 'sessions of open sockets could not be checked')
    } finally {
      this.#checking = false
    }
  }

  #close(socket: Closable): void {
    this.#sockets.delete(socket)
    socket.close(UNAUTHORIZED, 'the session or token is not good any more')
    setTimeout(() => socket.terminate(), ANSWER_WITHIN_MS).unref()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
