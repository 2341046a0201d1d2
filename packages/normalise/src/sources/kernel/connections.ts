import type { SocketRecord } from '@vedette/model'

/** Who opened a connection, seen from this host. */
export type Direction = 'inbound' | 'outbound'

/** Connections whose opening is remembered; the oldest are forgotten first. */
const MAX_OPEN = 65_536
/** First port that Linux gives to outgoing connections by itself, ip_local_port_range in ip-sysctl.txt. */
const FIRST_EPHEMERAL_PORT = 32_768

/**
 * Remembers who opened each connection, since the record of its end does not say. Where the opening was not seen, the
 * ports decide: a local port that the kernel chose means outbound.
 */
export class Connections {
  readonly #open = new Map<string, Direction>()

  opened(record: SocketRecord, direction: Direction): void {
    if (this.#open.size >= MAX_OPEN) {
      const oldest = this.#open.keys().next()
      if (!oldest.done) this.#open.delete(oldest.value)
    }
    this.#open.set(keyOf(record), direction)
  }

  /** Forgets it and says who had opened it. */
  closed(record: SocketRecord): Direction {
    const key = keyOf(record)
    const direction = this.#open.get(key)
    if (direction !== undefined) {
      this.#open.delete(key)
      return direction
    }
    return record.local.port >= FIRST_EPHEMERAL_PORT ? 'outbound' : 'inbound'
  }
}

function keyOf({ protocol, local, remote }: SocketRecord): string {
  return `${protocol} ${local.address} ${local.port} ${remote?.address} ${remote?.port}`
}
