import type { ProtocolFacts, ProtocolName } from '@vedette/model'

/** Which of the two ends spoke: the one that opened the flow, or the one that it was opened to. */
export type Speaker = 'client' | 'server'

/** Told of what was understood; `facts` has the part that has the protocol's name. */
export type Tell = (name: ProtocolName, facts: ProtocolFacts, timeMs: number) => void

/** The conversation that bytes belong to. */
export interface FlowEnds {
  readonly transport: 'tcp' | 'udp'
  readonly clientPort: number
  readonly serverPort: number
}

/**
 * How a parser goes on: it wants more bytes, or none any more (it has all that it looks for, or cannot read on), or what is
 * said from the next call on is another protocol (STARTTLS, CONNECT), which is then looked for anew.
 */
export type Wants = 'more' | 'nothing' | 'other'

/**
 * One conversation in one protocol. Bounded: it keeps at most 64 KiB, whatever comes, and never throws. The bytes are not
 * kept beyond the call.
 */
export interface ProtocolSession {
  /** The next bytes of an end, in order, as they were sent; of UDP one datagram a call. */
  push(speaker: Speaker, bytes: Uint8Array, timeMs: number, tell: Tell): Wants
  /** So many bytes of that end were missed: packets that were not seen, or that came too late. */
  gap(speaker: Speaker, length: number): Wants
  /** The flow is over, or no longer looked at: what is half known is told now or never. */
  end(timeMs: number, tell: Tell): void
}

/** A protocol that is recognised on a flow, whatever its port. A folder under `protocols/` and a line in `protocols.ts`. */
export interface ProtocolParser {
  readonly name: ProtocolName
  readonly transports: readonly ('tcp' | 'udp')[]
  /** Ports on which it is looked for first, as assigned by IANA. */
  readonly ports: readonly number[]
  /** Whether an end's first bytes look like it. `maybe` where more bytes would tell. Cheap: it is asked of every flow. */
  recognise(speaker: Speaker, head: Uint8Array, ends: FlowEnds): 'yes' | 'no' | 'maybe'
  open(ends: FlowEnds): ProtocolSession
}
