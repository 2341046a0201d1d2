import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'
import { callRest } from '../../rest.ts'

/** A secret of the server that lets so many agents in. */
export interface LoadSecret {
  readonly id: string
  readonly secret: string
  readonly server: string | null
  readonly ca_fingerprint: string
}

/** What the store has of one batch. */
export interface StoredBatch {
  readonly sequence: number
  readonly rows: number
  readonly events: number
  readonly first: number
  readonly last: number
}

const PAGE = 10_000
const SECRET_MINUTES = 120

/** Asks for what needs the same right as to let agents in, and changes nothing. */
export async function requireRight(invocation: Invocation): Promise<void> {
  await callRest(invocation, '/api/agents/secrets')
}

/** @throws {CliError} `not-open` when agents cannot come in, `forbidden` */
export async function addSecret(invocation: Invocation, agents: number): Promise<LoadSecret> {
  const response = await callRest(invocation, '/api/agents/secrets', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uses: agents, valid_minutes: SECRET_MINUTES }),
  })
  return (await response.json()) as LoadSecret
}

export async function revokeSecret(invocation: Invocation, id: string): Promise<void> {
  await callRest(invocation, `/api/agents/secrets/${id}`, { method: 'DELETE' })
}

/** Removes an agent that this test enrolled. */
export async function removeAgent(invocation: Invocation, id: string): Promise<void> {
  await callRest(invocation, `/api/agents/${id}`, { method: 'DELETE' })
}

/** Everything that is stored of a run. */
export async function storedBatches(
  invocation: Invocation,
  agent: string,
  run: string,
): Promise<StoredBatch[]> {
  const found: StoredBatch[] = []
  for (let from = 0; ; from = (found.at(-1)?.sequence ?? 0) + 1) {
    const path = `/api/agents/${agent}/runs/${run}/batches?from=${from}&limit=${PAGE}`
    const { batches } = (await (await callRest(invocation, path)).json()) as { batches: StoredBatch[] }
    found.push(...batches)
    if (batches.length < PAGE) return found
  }
}

/** Resident memory of the server, bytes. */
export async function serverMemory(invocation: Invocation): Promise<number> {
  const text = await (await callRest(invocation, '/metrics')).text()
  const found = /^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]
  if (found === undefined) {
    throw new CliError('no-figure', exitCodes.failure, 'The server does not tell its memory')
  }
  return Number(found)
}
