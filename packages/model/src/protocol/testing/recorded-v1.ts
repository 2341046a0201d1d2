import { readFileSync } from 'node:fs'
import type { AgentMessage, ServerMessage } from '../index.ts'

/** A message as it was sent, and by whom. */
export type RecordedFrame =
  | { readonly from: 'agent'; readonly message: AgentMessage }
  | { readonly from: 'server'; readonly message: ServerMessage }

/**
 * What an agent and a server of version 1 said to each other, recorded before there was a version 2. The agent is `agent-a`;
 * its third batch has an event of another host.
 */
export function recordedV1(): readonly RecordedFrame[] {
  const text = readFileSync(new URL('recorded-v1.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly frames: readonly RecordedFrame[] }).frames
}
