/** Bounds and times of a flow table. Times are those of the packets. */
export interface FlowLimits {
  /** Most flows at a time; the one that was quiet the longest makes room. Default 65 536. */
  readonly flows: number
  /** Bytes of TCP that all flows together keep until what is before them comes. Default 32 MiB. */
  readonly waitingBytes: number
  /** A flow that goes on is told again after so long. Default 60 s. */
  readonly tellAgainMs: number
  /** How long a flow may be quiet before it is over. */
  readonly quietMs: {
    /** One end was not heard yet. Default 10 s. */
    readonly unanswered: number
    /** Default 600 s. */
    readonly established: number
    /** What still comes after FIN or RST belongs to it. Default 3 s. */
    readonly closed: number
    /** UDP and all others, once answered. Default 60 s. */
    readonly other: number
  }
}

export const defaultFlowLimits: FlowLimits = {
  flows: 65_536,
  waitingBytes: 32 << 20,
  tellAgainMs: 60_000,
  quietMs: { unanswered: 10_000, established: 600_000, closed: 3000, other: 60_000 },
}
