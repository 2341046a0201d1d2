import { operations } from '@vedette/client/rest'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'
import { rest } from '../../rest.ts'

const PAGE = 10_000
const SECRET_MINUTES = 120

/** Asks for what needs the same right as to let agents in, and changes nothing. */
export async function requireRight(invocation: Invocation): Promise<void> {
  await rest(invocation)((to) => operations.listEnrolmentSecrets(to))
}

/** @throws {CliError} `not-open` when agents cannot come in, `forbidden` */
export function addSecret(invocation: Invocation, agents: number): Promise<operations.NewEnrolmentSecret> {
  const body = { uses: agents, valid_minutes: SECRET_MINUTES }
  return rest(invocation)((to) => operations.addEnrolmentSecret({ body }, to))
}

export async function revokeSecret(invocation: Invocation, id: string): Promise<void> {
  await rest(invocation)((to) => operations.revokeEnrolmentSecret({ id }, to))
}

/** Removes an agent that this test enrolled. */
export async function removeAgent(invocation: Invocation, id: string): Promise<void> {
  await rest(invocation)((to) => operations.removeAgent({ id }, to))
}

/** Everything that is stored of a run. */
export async function storedBatches(
  invocation: Invocation,
  id: string,
  run: string,
): Promise<operations.StoredBatch[]> {
  const call = rest(invocation)
  const found: operations.StoredBatch[] = []
  for (let next = 0; ; next = (found.at(-1)?.sequence ?? 0) + 1) {
    const from = next
    const { batches } = await call((to) =>
      operations.listStoredBatches({ id, run, $from: from, limit: PAGE }, to),
    )
    found.push(...batches)
    if (batches.length < PAGE) return found
  }
}

/** Resident memory of the server, bytes. */
export async function serverMemory(invocation: Invocation): Promise<number> {
  const text = await rest(invocation)((to) => operations.getMetrics(to))
  const found = /^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]
  if (found === undefined) {
    throw new CliError('no-figure', exitCodes.failure, 'The server does not tell its memory')
  }
  return Number(found)
}
