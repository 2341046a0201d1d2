import { DEFAULT_TENANT } from '@vedette/model'
import type { Account } from '@vedette/store'
import type { z } from 'zod'
import { mayDo, permissions } from '../../access/permissions.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { Passed } from '../../http/route.ts'
import type { Services } from '../../services.ts'
import type { Told } from '../rest-route.ts'
import type { authStateSchema } from './forms.ts'

/** Opens a session for somebody who was found, and says who is signed in now. */
export async function openFor(
  { request, reply, services, address }: Passed,
  account: Account,
): Promise<Told<z.output<typeof authStateSchema>>> {
  const { viewer, cookie } = await services.sessions.open(account, {
    address,
    program: request.headers['user-agent'] ?? '',
  })
  reply.header('set-cookie', cookie)
  return stateOf(services, await services.customRoles.attach(viewer))
}

/** Who is signed in, and what they may do. */
export async function stateOf(
  { state }: Services,
  viewer: Viewer | undefined,
): Promise<Told<z.output<typeof authStateSchema>>> {
  const { setup, identityProviders } = state.of(DEFAULT_TENANT)
  const providers = viewer ? [] : await identityProviders.list()
  return {
    setupNeeded: (await setup.state()) === 'open',
    ...(providers.length > 0 && { providers: providers.map(({ name }) => ({ name })) }),
    ...(viewer && {
      user: {
        id: viewer.id,
        name: viewer.name,
        role: viewer.role,
        may: Object.keys(permissions).filter((operation) => mayDo(operation, viewer)),
      },
    }),
  }
}
