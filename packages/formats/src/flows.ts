/** Packets and captures, apart from the rest: who watches a network needs no other format, and no schema. */
export { CaptureInspector } from './flows/capture-inspector.ts'
export { defaultFlowLimits } from './flows/config.ts'
export { PacketInspector } from './flows/packet-inspector.ts'
export { linkTypes } from './packets/numbers.ts'
