import type { Clock, Logger } from '@vedette/base'
import type { AgentId, BlindSpot, ResponseRequest, ResponseResult } from '@vedette/model'
import type { AgentSettings } from './settings.ts'

export interface ResponsesOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly answer: (result: ResponseResult) => void
}

/** The acts that the server may ask for. */
export interface Responses extends AsyncDisposable {
  respond(request: ResponseRequest): void
  blindSpots(): readonly BlindSpot[]
}

export async function openResponses(
  settings: AgentSettings,
  { clock, answer }: ResponsesOptions,
): Promise<Responses> {
  return {
    respond: ({ id, action }) =>
      answer({
        id,
        agent: settings.id as AgentId,
        action,
        outcome: 'failed',
        summary: 'This agent cannot act yet',
        affected: [],
        time: clock.now(),
      }),
    blindSpots: () => [],
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
