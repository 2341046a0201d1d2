import { z } from 'zod'
import type { ResponseRequest, ResponseResult } from '../action.ts'
import type { AgentStanding, SignedAssignment } from '../fleet.ts'
import type { AgentReport } from '../health.ts'
import { assignMessageSchema } from './assign.ts'
import { batchMessageSchema, type EventBatch } from './batch.ts'
import { contentMessageSchema } from './content.ts'
import { fetchMessageSchema } from './fetch.ts'
import { helloMessageSchema } from './hello.ts'
import { refusedMessageSchema } from './refused.ts'
import { reportMessageSchema } from './report.ts'
import { respondMessageSchema } from './respond.ts'
import { responseMessageSchema } from './response.ts'
import { standingMessageSchema } from './standing.ts'
import { storedMessageSchema } from './stored.ts'
import { watchMessageSchema } from './watch.ts'
import { welcomeMessageSchema } from './welcome.ts'

export { type EventBatch, eventBatchSchema, MAX_BATCH_EVENTS } from './batch.ts'
export { MAX_REPORTED_GAPS } from './report.ts'
export { HELLO_VERSION, pickVersion, PROTOCOL_VERSIONS, type ProtocolVersion } from './version.ts'

/**
 * What agent and server say to each other over one WebSocket, `GET /agent/v1/stream`, opened by the agent: JSON messages, one
 * file each, and since version 2 batches as binary frames (`@vedette/model/batch-frame`). The agent offers the versions that
 * it speaks in `hello`, the server picks one in `welcome`. Tenant and agent come from the agent's credential alone. Unknown
 * keys are passed over, so that a version may add some.
 */
export type AgentMessage =
  | {
      readonly type: 'hello'
      readonly protocol: number
      readonly offers?: readonly number[]
      readonly run: string
      readonly report: AgentReport
    }
  | { readonly type: 'batch'; readonly batch: EventBatch }
  | { readonly type: 'report'; readonly report: AgentReport }
  | { readonly type: 'response'; readonly result: ResponseResult }
  /** What became of what the server wanted; since version 3, as the next one. */
  | { readonly type: 'standing'; readonly standing: AgentStanding }
  | { readonly type: 'fetch'; readonly sha256: string; readonly offset: number }

/** Batches, and bytes of their JSON, that may be under way at a time. */
export interface Window {
  readonly batches: number
  readonly bytes: number
}

export type ServerMessage =
  /** Batches may flow. Sent once, after `hello`. */
  | { readonly type: 'welcome'; readonly agent: string; readonly protocol?: number; readonly window?: Window }
  /** That batch is stored for good; the agent may forget it. */
  | { readonly type: 'stored'; readonly run: string; readonly sequence: number }
  /** That batch will never be taken (it is not what the schema says); it is counted as lost. */
  | { readonly type: 'refused'; readonly run: string; readonly sequence: number; readonly reason: string }
  | { readonly type: 'respond'; readonly request: ResponseRequest }
  /** Watch a file or folder for this long (1 s to 24 h); the agent's own policy has the last word. */
  | { readonly type: 'watch'; readonly path: string; readonly leaseMs: number; readonly actor: string }
  /** What the server wants of the agent; since version 3, as the next one. */
  | { readonly type: 'assign'; readonly document: SignedAssignment }
  /** A piece of a bundle, Base64; empty where there is none. */
  | { readonly type: 'content'; readonly sha256: string; readonly offset: number; readonly data: string }

export const serverMessageSchema = z.discriminatedUnion('type', [
  welcomeMessageSchema,
  storedMessageSchema,
  refusedMessageSchema,
  respondMessageSchema,
  watchMessageSchema,
  assignMessageSchema,
  contentMessageSchema,
])

export const agentMessageSchema = z.discriminatedUnion('type', [
  helloMessageSchema,
  batchMessageSchema,
  reportMessageSchema,
  responseMessageSchema,
  standingMessageSchema,
  fetchMessageSchema,
])
