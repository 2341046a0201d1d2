import { DEFAULT_TENANT } from '@vedette/model'
import { mayDo, permissions } from '../../access/permissions.ts'
import type { Viewer } from '../../access/viewer.ts'
import { type Route, signedIn } from '../../http/route.ts'
import type { Services } from '../../services.ts'
import { parse } from './parse.ts'
import { ownAccountRoutes } from './own-account.ts'
import { secondFactorRoutes } from './second-factor.ts'
import { serviceTokenRoute } from './service-token.ts'
import { findAccount, makeFirstAccount, setUpSchema, signInSchema } from './accounts.ts'

/** Whether the first account has still to be made, and who is signed in. */
const state: Route = {
  method: 'GET',
  url: '/auth/state',
  handle: ({ services, viewer }) => stateOf(services, viewer),
}

const setUp: Route = {
  method: 'POST',
  url: '/auth/setup',
  limit: ({ limits }) => limits.signIn,
  async handle({ request, reply, services, address }) {
    const account = await makeFirstAccount(services, parse(setUpSchema, request.body))
    const { viewer, cookie } = await services.sessions.open(account, {
      address,
      program: request.headers['user-agent'] ?? '',
    })
    reply.header('set-cookie', cookie)
    return stateOf(services, viewer)
  },
}

const signIn: Route = {
  method: 'POST',
  url: '/auth/sign-in',
  limit: ({ limits }) => limits.signIn,
  async handle({ request, reply, services, address }) {
    const account = await findAccount(services, parse(signInSchema, request.body), address)
    const { viewer, cookie } = await services.sessions.open(account, {
      address,
      program: request.headers['user-agent'] ?? '',
    })
    reply.header('set-cookie', cookie)
    return stateOf(services, viewer)
  },
}

const signOut: Route = {
  method: 'POST',
  url: '/auth/sign-out',
  async handle(passed) {
    const { services, reply } = passed
    const viewer = signedIn(passed)
    await services.audited.record({
      actor: viewer.name,
      action: 'sign-out',
      target: 'session',
      outcome: 'done',
      detail: {},
    })
    reply.header('set-cookie', await services.sessions.close(viewer))
    services.openSockets.closeOf(viewer.credential.hash)
    return {}
  },
}

export const authRoutes: readonly Route[] = [
  state,
  setUp,
  signIn,
  signOut,
  ...ownAccountRoutes,
  ...secondFactorRoutes,
  serviceTokenRoute,
]

async function stateOf({ state }: Services, viewer: Viewer | undefined) {
  const setup = await state.of(DEFAULT_TENANT).setup.state()
  return {
    setupNeeded: setup === 'open',
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
