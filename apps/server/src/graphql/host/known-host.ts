import type { AgentId } from '@vedette/model'
import type { Host } from '@vedette/store'
import { PublicError } from '../../access/public-error.ts'
import type { Context } from '../context.ts'

/**
 * A host of the viewer's tenant by its id, or by its name where only one has it.
 *
 * @throws {PublicError} `not-found`, `bad-input` when several hosts have that name
 */
export async function knownHost({ state, once }: Context, idOrName: string): Promise<Host> {
  const byId = await state.hosts.get(idOrName as AgentId)
  if (byId) return byId
  const named = (await once.hosts()).filter(({ host }) => host.report.hostname === idOrName)
  if (named.length > 1) {
    throw new PublicError('bad-input', `${named.length} hosts have that name; give the id of one`)
  }
  const [only] = named
  if (!only) throw new PublicError('not-found', 'There is no such host')
  return only.host
}
