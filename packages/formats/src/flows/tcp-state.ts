import { ipProtocols, tcpFlags } from '../packets/numbers.ts'
import type { Packet } from '../packets/packet.ts'
import type { Flow } from './flow.ts'

/** A new connection between the same ends, once the old one was quiet for so long. */
const FORGOTTEN_MS = 60_000
/** A RST that is farther off than this from what is next was not sent by the other end. */
const RESET_WINDOW = 1 << 24

/** A connection of which the ends are used anew. */
export function beginsAnew(flow: Flow, packet: Packet): boolean {
  if (flow.protocol !== ipProtocols.tcp) return false
  if ((packet.flags & (tcpFlags.syn | tcpFlags.ack)) !== tcpFlags.syn) return false
  if (flow.flagsOut === 0 && flow.flagsIn === 0) return false
  if (flow.state === 'closed' || flow.state === 'reset') return packet.sequence !== flow.firstSequence
  return (
    packet.sequence !== flow.firstSequence &&
    (flow.state === 'new' || packet.timeMs - flow.lastMs > FORGOTTEN_MS)
  )
}

/** Follows how a connection stands (RFC 9293, 3.3.2), as far as somebody between its ends can. */
export function followState(flow: Flow, packet: Packet, isOut: boolean): void {
  const { flags } = packet
  if ((flags & tcpFlags.reset) !== 0 && isInWindow(flow, packet, isOut)) {
    if (flow.state !== 'closed') flow.state = 'reset'
    return
  }
  if ((flags & tcpFlags.reset) === 0) followSequence(flow, packet, isOut)
  if (flow.state === 'new') {
    const wasOpened = (flow.flagsOut & tcpFlags.syn) !== 0
    const isAnswered = (flow.flagsIn & tcpFlags.syn) !== 0
    // Where the beginning was not seen, an acknowledgement says that there was one.
    if (wasOpened ? isAnswered : (flags & tcpFlags.ack) !== 0) flow.state = 'established'
  }
  const both = flow.flagsOut & flow.flagsIn & tcpFlags.fin
  if (flow.state === 'established' && both !== 0) flow.state = 'closed'
}

/** A RST far from what its sender would say next is somebody else's, who wants it to be forgotten. */
function isInWindow(flow: Flow, packet: Packet, isOut: boolean): boolean {
  if (!(isOut ? flow.knowsOut : flow.knowsIn)) return true
  return Math.abs((packet.sequence - (isOut ? flow.nextOut : flow.nextIn)) | 0) < RESET_WINDOW
}

/** Notes what that end would say next. */
function followSequence(flow: Flow, packet: Packet, isOut: boolean): void {
  const length = packet.payloadEnd - packet.payloadStart + packet.missing
  const counted = (packet.flags & (tcpFlags.syn | tcpFlags.fin)) === 0 ? length : length + 1
  const next = (packet.sequence + counted) | 0
  // A SYN says where its sender begins, whatever was said on these ports before.
  const begins = (packet.flags & tcpFlags.syn) !== 0
  if (isOut) {
    if (begins || !flow.knowsOut || ((next - flow.nextOut) | 0) > 0) flow.nextOut = next
    flow.knowsOut = true
  } else {
    if (begins || !flow.knowsIn || ((next - flow.nextIn) | 0) > 0) flow.nextIn = next
    flow.knowsIn = true
  }
}
