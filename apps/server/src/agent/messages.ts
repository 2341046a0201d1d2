import {
  type AgentId,
  type AgentMessage,
  agentMessageSchema,
  type EventBatch,
  PROTOCOL_VERSION,
} from '@vedette/model'

/** What a frame of an agent turned out to be. */
export type Frame =
  | { readonly ok: true; readonly message: AgentMessage }
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
  if (parsed.success) return { ok: true, message: parsed.data as unknown as AgentMessage }
  const [issue] = parsed.error.issues
  const reason = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong'}`.slice(0, 500)
  const batch = nameOfBatch(data)
  return batch ? { ok: false, batch, reason } : { ok: false, reason }
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

/** Why an agent of that protocol cannot be spoken with, or undefined. */
export function wrongProtocol(protocol: number): string | undefined {
  return protocol === PROTOCOL_VERSION
    ? undefined
    : `this server speaks protocol ${PROTOCOL_VERSION}, the agent ${protocol}`
}
