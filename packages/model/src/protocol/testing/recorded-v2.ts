import { readFileSync } from 'node:fs'
import type { AgentMessage, ServerMessage } from '../index.ts'

/** A frame as it was sent, and by whom; batches are binary. */
export type RecordedV2Frame =
  | { readonly from: 'agent'; readonly message: AgentMessage }
  | { readonly from: 'agent'; readonly binary: Buffer }
  | { readonly from: 'server'; readonly message: ServerMessage }

/**
 * What an agent and a server of version 2 said to each other, recorded before there was a version 3: the same that those of
 * version 1 did. The agent is `agent-a`; its third batch has an event of another host.
 */
export function recordedV2(): readonly RecordedV2Frame[] {
  const text = readFileSync(new URL('recorded-v2.json', import.meta.url), 'utf8')
  const { frames } = JSON.parse(text) as {
    readonly frames: readonly (RecordedV2Frame & { readonly binary?: string })[]
  }
  return frames.map((frame) =>
    typeof frame.binary === 'string'
      ? { from: 'agent', binary: Buffer.from(frame.binary, 'base64') }
      : (frame as RecordedV2Frame),
  )
}
