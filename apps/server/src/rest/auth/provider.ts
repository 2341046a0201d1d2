import { DEFAULT_TENANT } from '@vedette/model'
import { z } from 'zod'
import { comeBack, sendAway } from '../../access/identity-provider.ts'
import { ownOriginOf } from '../../access/origin.ts'
import { PublicError } from '../../access/public-error.ts'
import type { Route } from '../../http/route.ts'
import { restRoute } from '../rest-route.ts'
import { letIn } from './accounts.ts'
import { beginAtProviderSchema, begunAtProviderSchema } from './forms.ts'
import { openFor } from './open-for.ts'

const CALLBACK = '/auth/provider/callback'
const KEPT_S = 600

const begin = restRoute({
  method: 'POST',
  url: '/auth/provider/begin',
  id: 'beginProviderSignIn',
  tag: 'auth',
  summary: 'Where the browser goes to be proved by an identity provider (OpenID Connect).',
  body: beginAtProviderSchema,
  answer: begunAtProviderSchema,
  limit: ({ limits }) => limits.signIn,
  async handle({ services, request, reply, body }) {
    const { state, originRules } = services
    const { origin } = ownOriginOf(request, originRules)
    const organisation =
      body.organisation === undefined
        ? DEFAULT_TENANT
        : await state.credentials.organisation(body.organisation)
    const providers = organisation ? await state.of(organisation).identityProviders.list() : []
    const provider = providers.find(({ name }) => name === body.provider)
    if (!organisation || !provider) throw new PublicError('not-found', 'There is no such identity provider')
    const { url, browserToken } = await sendAway(services, organisation, provider, origin + CALLBACK)
    reply.header('set-cookie', cookieOf(originRules.tls, browserToken, KEPT_S))
    return { url }
  },
})

const callback = restRoute({
  method: 'GET',
  url: CALLBACK,
  id: 'finishProviderSignIn',
  tag: 'auth',
  summary: 'Where an identity provider sends the browser back to; leads to the console.',
  answer: z.string(),
  media: ['text/plain'],
  limit: ({ limits }) => limits.signIn,
  async handle(passed) {
    const { services, request, reply, address } = passed
    const { tls } = services.originRules
    const kept = new RegExp(`(?:^|;\\s*)${nameOf(tls)}=([\\w-]{43})(?:\\s*;|\\s*$)`).exec(
      (request.headers.cookie ?? '').slice(0, 8192),
    )
    const gone = cookieOf(tls, '', 0)
    const [, query = ''] = request.url.split('?', 2)
    try {
      const account = await comeBack(services, new URLSearchParams(query), kept?.[1])
      await letIn(services, account, address, { issuer: account.issuer ?? '' })
      await openFor(passed, account)
      return await reply.header('set-cookie', gone).redirect('/', 303)
    } catch (error) {
      if (!(error instanceof PublicError)) throw error
      // A fragment, which goes to no server: the page says it in words.
      return reply.header('set-cookie', gone).redirect(`/#refused=${encodeURIComponent(error.message)}`, 303)
    }
  },
})

function nameOf(tls: boolean): string {
  return tls ? '__Host-vedette-way' : 'vedette-way'
}

/** Lax, not Strict: the browser comes back from another site. */
function cookieOf(tls: boolean, token: string, maxAgeS: number): string {
  return `${nameOf(tls)}=${token}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Lax${tls ? '; Secure' : ''}`
}

export const providerRoutes: readonly Route[] = [begin, callback]
