import { readFileSync, statSync } from 'node:fs'
import type { Clock } from '@vedette/base'
import type { User } from '@vedette/model'
import { boundedText } from '../../bounded-text.ts'

const MAX_PASSWD_BYTES = 16 << 20
/** How often the file is looked at for changes, at most. */
const LOOK_EVERY_MS = 1000
/** Users without a name that are remembered, so that each is one object. */
const MAX_NAMELESS = 10_000

/**
 * Names of users by number, from a passwd(5) file that is read again when it changes. Accounts of a directory service
 * have no line in it and so no name.
 */
export class Users {
  readonly #path: string
  readonly #clock: Clock
  #users = new Map<number, User>()
  readonly #nameless = new Map<number, User>()
  #state = ''
  #lookAt = -Infinity

  constructor(path: string, clock: Clock) {
    this.#path = path
    this.#clock = clock
  }

  /** Reads the file again where it has changed. Looks at most once a second; called once a batch. */
  refresh(): void {
    const now = this.#clock.monotonic()
    if (now < this.#lookAt) return
    this.#lookAt = now + LOOK_EVERY_MS
    const stats = statSync(this.#path, { throwIfNoEntry: false })
    const state = stats === undefined ? '' : `${stats.ino}:${stats.mtimeMs}:${stats.ctimeMs}:${stats.size}`
    if (state === this.#state) return
    this.#state = state
    if (stats !== undefined && stats.size <= MAX_PASSWD_BYTES) this.#users = this.#read()
  }

  /** The user of that number. The names of this host do not hold inside a container, but for root. */
  user(uid: number, inContainer: boolean): User {
    if (!inContainer || uid === 0) {
      const user = this.#users.get(uid)
      if (user) return user
    }
    let nameless = this.#nameless.get(uid)
    if (nameless === undefined) {
      nameless = { uid: String(uid) }
      if (this.#nameless.size >= MAX_NAMELESS) this.#nameless.clear()
      this.#nameless.set(uid, nameless)
    }
    return nameless
  }

  #read(): Map<number, User> {
    let text: string
    try {
      text = readFileSync(this.#path, 'utf8')
    } catch {
      return this.#users
    }
    return parsePasswd(text)
  }
}

/** Users by number from the text of a passwd(5) file; of several lines with one number the first wins, as in getpwuid(3). */
export function parsePasswd(text: string): Map<number, User> {
  const users = new Map<number, User>()
  for (const line of text.split('\n')) {
    const [name, , number] = line.split(':', 3)
    if (!name || name.startsWith('#') || number === undefined || !/^\d{1,10}$/.test(number)) continue
    const uid = Number(number)
    if (!users.has(uid)) users.set(uid, { uid: String(uid), name: boundedText(name, 256) })
  }
  return users
}
