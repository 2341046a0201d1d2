import {
  type AgentId,
  type AgentMessage,
  agentMessageSchema,
  type EventBatch,
  eventBatchSchema,
  isEventAsItIs,
  pickVersion,
  PROTOCOL_VERSIONS,
  type ProtocolVersion,
} from '@vedette/model'
import { decodeBatchFrame } from '@vedette/model/batch-frame'
import type { z } from 'zod'

/** What a frame of an agent turned out to be. */
export type Frame =
  /** `sizeBytes`: of its JSON, also where that came packed. */
  | { readonly ok: true; readonly message: AgentMessage; readonly sizeBytes: number }
  /** A batch that will never be right, but that can be named: the agent is told to forget it. */
  | { readonly ok: false; readonly batch: Pick<EventBatch, 'run' | 'sequence'>; readonly reason: string }
  | { readonly ok: false; readonly batch?: undefined; readonly reason: string }

const RUN = /^[0-9a-f]{16}$/

/** Reads one frame. Never throws. */
export function readFrame(text: string): Frame {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return { ok: false, reason: 'not JSON' }
  }
  const parsed = agentMessageSchema.safeParse(data)
  if (parsed.success)
    return { ok: true, message: parsed.data as unknown as AgentMessage, sizeBytes: text.length }
  const reason = reasonOf(parsed.error)
  const batch = nameOfBatch(data)
  return batch ? { ok: false, batch, reason } : { ok: false, reason }
}

/** Reads one binary frame, a batch of version 2. Never throws. */
export function readBinaryFrame(bytes: Buffer): Frame {
  const frame = decodeBatchFrame(bytes)
  if (!frame.ok) {
    const { name, reason } = frame
    return name ? { ok: false, batch: name, reason } : { ok: false, reason }
  }
  if (frame.batch.events.every(isEventAsItIs)) {
    return { ok: true, message: { type: 'batch', batch: frame.batch }, sizeBytes: frame.plainBytes }
  }
  const parsed = eventBatchSchema.safeParse(frame.batch)
  if (parsed.success) {
    const message = { type: 'batch', batch: parsed.data as unknown as EventBatch } as const
    return { ok: true, message, sizeBytes: frame.plainBytes }
  }
  const { run, sequence } = frame.batch
  return { ok: false, batch: { run, sequence }, reason: `batch.${reasonOf(parsed.error)}` }
}

function reasonOf({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong'}`.slice(0, 500)
}

function nameOfBatch(data: unknown): Pick<EventBatch, 'run' | 'sequence'> | undefined {
  if (typeof data !== 'object' || data === null || !('type' in data) || data.type !== 'batch')
    return undefined
  const batch = 'batch' in data ? data.batch : undefined
  if (typeof batch !== 'object' || batch === null || !('run' in batch) || !('sequence' in batch))
    return undefined
  const { run, sequence } = batch
  if (typeof run !== 'string' || !RUN.test(run)) return undefined
  if (!Number.isSafeInteger(sequence) || (sequence as number) < 0) return undefined
  return { run, sequence: sequence as number }
}

/** Why a batch cannot be this agent's, or undefined: an agent speaks for its own host only. */
export function foreignEvent(batch: EventBatch, agent: AgentId): string | undefined {
  const prefix = `${agent}-`
  for (const event of batch.events) {
    if (event.device.uid !== agent) return 'an event is of another host than the credential'
    if (!event.id.startsWith(prefix)) return 'an event has an id that another agent gives'
  }
  return undefined
}

/** The version to speak with an agent, or why there is none. */
export function versionFor({
  protocol,
  offers = [protocol],
}: Extract<AgentMessage, { type: 'hello' }>): ProtocolVersion | string {
  return (
    pickVersion(offers) ??
    `this server speaks protocol ${PROTOCOL_VERSIONS.join(' and ')}, the agent ${offers.join(' and ')}`
  )
}
