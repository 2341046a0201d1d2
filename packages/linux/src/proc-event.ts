/** One event of the process connector. `pid` is a process (a thread group), never a single thread. */
export type ProcEvent =
  | { readonly type: 'fork'; readonly timeNs: number; readonly pid: number; readonly parent: number }
  | { readonly type: 'exec'; readonly timeNs: number; readonly pid: number }
  | {
      readonly type: 'exit'
      readonly timeNs: number
      readonly pid: number
      /** As wait(2) gives it: the exit status in bits 8-15, the signal in bits 0-6. */
      readonly status: number
    }

/** What a netlink message of the connector holds. `event` is left out for kinds that are not in `ProcEvent`. */
export interface ProcMessage {
  readonly processor: number
  /** Counted by each processor over events of every kind. */
  readonly sequence: number
  readonly event?: ProcEvent
}

const NLMSG_HEADER_BYTES = 16
const CN_HEADER_BYTES = 20
const EVENT_HEADER_BYTES = 16
const HEADERS = NLMSG_HEADER_BYTES + CN_HEADER_BYTES
/** The processor of an acknowledgement, which is no event. */
const NO_PROCESSOR = 0xffff_ffff

const FORK = 0x0000_0001
const EXEC = 0x0000_0002
const EXIT = 0x8000_0000

/**
 * Parses one datagram: nlmsghdr, cn_msg, proc_event (linux/netlink.h, connector.h, cn_proc.h; little-endian). Undefined
 * for what is not an event. Times are nanoseconds of CLOCK_MONOTONIC.
 */
export function parseProcMessage(bytes: Buffer): ProcMessage | undefined {
  const body = HEADERS + EVENT_HEADER_BYTES
  if (bytes.length < body + 8) return undefined
  if (bytes.readUInt32LE(16) !== 1 || bytes.readUInt32LE(20) !== 1) return undefined
  const processor = bytes.readUInt32LE(HEADERS + 4)
  if (processor === NO_PROCESSOR) return undefined
  const event = parseEvent(
    bytes.readUInt32LE(HEADERS),
    Number(bytes.readBigUInt64LE(HEADERS + 8)),
    bytes.subarray(body),
  )
  return { processor, sequence: bytes.readUInt32LE(24), ...(event ? { event } : undefined) }
}

function parseEvent(what: number, timeNs: number, data: Buffer): ProcEvent | undefined {
  switch (what) {
    case FORK: {
      if (data.length < 16) return undefined
      const [thread, pid] = [data.readUInt32LE(8), data.readUInt32LE(12)]
      return thread === pid ? { type: 'fork', timeNs, pid, parent: data.readUInt32LE(4) } : undefined
    }
    case EXEC:
      return { type: 'exec', timeNs, pid: data.readUInt32LE(4) }
    case EXIT: {
      if (data.length < 12) return undefined
      const [thread, pid] = [data.readUInt32LE(0), data.readUInt32LE(4)]
      return thread === pid ? { type: 'exit', timeNs, pid, status: data.readUInt32LE(8) } : undefined
    }
    default:
      return undefined
  }
}
