import { ownOriginOf } from '../../access/origin.ts'
import { type Route, signedIn } from '../../http/route.ts'
import { openFor, stateOf } from './open-for.ts'
import { passkeyRoutes } from './passkeys.ts'
import { providerRoutes } from './provider.ts'
import { ownKeyRoutes } from './own-keys.ts'
import { apiKeyRoutes } from './api-keys.ts'
import { ownAccountRoutes } from './own-account.ts'
import { secondFactorRoutes } from './second-factor.ts'
import { serviceTokenRoute } from './service-token.ts'
import { done } from '../forms.ts'
import { restRoute } from '../rest-route.ts'
import { findAccount, makeFirstAccount } from './accounts.ts'
import { authStateSchema, setUpSchema, signInSchema } from './forms.ts'

const state = restRoute({
  method: 'GET',
  url: '/auth/state',
  id: 'getAuthState',
  tag: 'auth',
  summary: 'Whether the first account has still to be made, and who is signed in.',
  answer: authStateSchema,
  handle: ({ services, viewer }) => stateOf(services, viewer),
})

const setUp = restRoute({
  method: 'POST',
  url: '/auth/setup',
  id: 'setUp',
  tag: 'auth',
  summary: 'Makes the first account, an admin, with the one-time token, and signs in.',
  body: setUpSchema,
  answer: authStateSchema,
  limit: ({ limits }) => limits.signIn,
  async handle(passed) {
    const account = await makeFirstAccount(passed.services, passed.body)
    return openFor(passed, account)
  },
})

const signIn = restRoute({
  method: 'POST',
  url: '/auth/sign-in',
  id: 'signIn',
  tag: 'auth',
  summary: 'Signs in; the session is in the cookie of the answer.',
  body: signInSchema,
  answer: authStateSchema,
  limit: ({ limits }) => limits.signIn,
  async handle(passed) {
    const { request, services, address, body } = passed
    const origin = () => ownOriginOf(request, services.originRules)
    const account = await findAccount(services, body, { address, origin })
    return openFor(passed, account)
  },
})

const signOut = restRoute({
  method: 'POST',
  url: '/auth/sign-out',
  id: 'signOut',
  tag: 'auth',
  summary: 'Ends the session.',
  answer: done,
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
})

export const authRoutes: readonly Route[] = [
  state,
  setUp,
  signIn,
  signOut,
  ...ownAccountRoutes,
  ...secondFactorRoutes,
  ...ownKeyRoutes,
  ...passkeyRoutes,
  ...providerRoutes,
  serviceTokenRoute,
  ...apiKeyRoutes,
]
