import { readFileSync, statSync } from 'node:fs'

/** Files are looked at again after so long. */
const KEPT_MS = 1000

interface Table {
  readonly path: string
  names: ReadonlyMap<number, string>
  state: string
}

/** Names of users and groups by number, as passwd(5) and group(5) have them; of a name service others know. */
export class AccountNames {
  readonly #users: Table
  readonly #groups: Table
  #lookedMs = Number.NEGATIVE_INFINITY

  constructor(root = '') {
    this.#users = { path: `${root}/etc/passwd`, names: new Map(), state: '' }
    this.#groups = { path: `${root}/etc/group`, names: new Map(), state: '' }
  }

  of(uid: number, gid: number): { readonly owner: string | undefined; readonly group: string | undefined } {
    const now = performance.now()
    if (now - this.#lookedMs > KEPT_MS) {
      this.#lookedMs = now
      refresh(this.#users)
      refresh(this.#groups)
    }
    return { owner: this.#users.names.get(uid), group: this.#groups.names.get(gid) }
  }
}

function refresh(table: Table): void {
  try {
    const { mtimeMs, ino, size } = statSync(table.path)
    const state = `${ino} ${mtimeMs} ${size}`
    if (state === table.state) return
    const names = new Map<number, string>()
    for (const line of readFileSync(table.path, 'utf8').split('\n')) {
      const [name, , number] = line.split(':')
      if (name && number && /^\d+$/.test(number) && !names.has(Number(number)))
        names.set(Number(number), name)
    }
    table.names = names
    table.state = state
  } catch {
    table.names = new Map()
    table.state = ''
  }
}
