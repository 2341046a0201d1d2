import { beginRegistration, beginSignIn, finishRegistration } from '../../access/passkey.ts'
import { ownOriginOf } from '../../access/origin.ts'
import { PublicError } from '../../access/public-error.ts'
import { tokenHash } from '../../access/token.ts'
import type { Route } from '../../http/route.ts'
import { checkedName } from '../../people/names.ts'
import { unlessRefused } from '../../people/refusals.ts'
import { done } from '../forms.ts'
import { restRoute } from '../rest-route.ts'
import { findByPasskey } from './accounts.ts'
import {
  authStateSchema,
  beginSchema,
  finishPasskeySchema,
  passkeyOptionsSchema,
  passkeySignInSchema,
  removePasskeySchema,
} from './forms.ts'
import { openFor } from './open-for.ts'
import { confirmed, personOf } from './person.ts'

const MOST_PASSKEYS = 20

const begin = restRoute({
  method: 'POST',
  url: '/auth/passkeys/begin',
  id: 'beginPasskey',
  tag: 'auth',
  summary: 'Options with which a browser makes a passkey (WebAuthn).',
  body: beginSchema,
  answer: passkeyOptionsSchema,
  async handle(passed) {
    const { services, request, body } = passed
    const account = await confirmed(services, personOf(passed), body.password)
    if (account.passkeys >= MOST_PASSKEYS) {
      throw new PublicError('bad-input', `An account has at most ${MOST_PASSKEYS} passkeys`)
    }
    return { ...(await beginRegistration(services, account, ownOriginOf(request, services.originRules))) }
  },
})

const finish = restRoute({
  method: 'POST',
  url: '/auth/passkeys/finish',
  id: 'finishPasskey',
  tag: 'auth',
  summary: 'Keeps the passkey that the browser made.',
  body: finishPasskeySchema,
  answer: done,
  async handle(passed) {
    const { services, request, body } = passed
    const { organisation, id, name: actor } = personOf(passed)
    const name = checkedName(body.name)
    const origin = ownOriginOf(request, services.originRules)
    const made = await finishRegistration(services, id, body.response, origin)
    const act = { actor, action: 'passkey.add', target: `account ${actor}`, detail: { passkey: name } }
    await services.audited.act(act, () =>
      unlessRefused(() =>
        services.state
          .of(organisation)
          .passkeys.create({ ...made, account: id, name }, tokenHash(made.id), services.clock.now()),
      ),
    )
    return {}
  },
})

const remove = restRoute({
  method: 'POST',
  url: '/auth/passkeys/remove',
  id: 'removePasskey',
  tag: 'auth',
  summary: "Takes back a passkey of one's own.",
  body: removePasskeySchema,
  answer: done,
  async handle(passed) {
    const { services, body } = passed
    const account = await confirmed(services, personOf(passed), body.password)
    const { passkeys } = services.state.of(account.tenant)
    const passkey = (await passkeys.list(account.id)).find(({ id }) => id === body.id)
    if (!passkey) throw new PublicError('not-found', 'There is no such passkey')
    const actor = personOf(passed).name
    const act = {
      actor,
      action: 'passkey.remove',
      target: `account ${actor}`,
      detail: { passkey: passkey.name },
    }
    await services.audited.act(act, () => passkeys.remove(account.id, passkey.id))
    return {}
  },
})

const beginIn = restRoute({
  method: 'POST',
  url: '/auth/passkey/begin',
  id: 'beginPasskeySignIn',
  tag: 'auth',
  summary: 'Options with which a browser signs in by a passkey, or adds it to a password.',
  answer: passkeyOptionsSchema,
  limit: ({ limits }) => limits.signIn,
  handle: async ({ services, request }) => ({
    ...(await beginSignIn(services, ownOriginOf(request, services.originRules))),
  }),
})

const signIn = restRoute({
  method: 'POST',
  url: '/auth/passkey/sign-in',
  id: 'signInByPasskey',
  tag: 'auth',
  summary: 'Signs in by a passkey alone: it proves that its owner has it and can open it.',
  body: passkeySignInSchema,
  answer: authStateSchema,
  limit: ({ limits }) => limits.signIn,
  async handle(passed) {
    const { services, request, address, body } = passed
    const origin = ownOriginOf(request, services.originRules)
    return openFor(passed, await findByPasskey(services, body.response, { address, origin }))
  },
})

export const passkeyRoutes: readonly Route[] = [begin, finish, remove, beginIn, signIn]
