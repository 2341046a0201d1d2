import { PublicError } from '../../access/public-error.ts'
import { signedIn } from '../../http/route.ts'
import { iso } from '../forms.ts'
import { restRoute } from '../rest-route.ts'
import { serviceTokenSchema } from './forms.ts'

/** Makes a token of a quarter of an hour from the key that asks: for calls where the key itself should not go. */
export const serviceTokenRoute = restRoute({
  method: 'POST',
  url: '/auth/token',
  id: 'issueServiceToken',
  tag: 'auth',
  summary: 'Makes a token of a quarter of an hour from the key that asks.',
  description: 'For calls where the key itself should not go. It is of no use once the key is taken back.',
  answer: serviceTokenSchema,
  async handle(passed) {
    const { services } = passed
    const { credential, id, name } = signedIn(passed)
    if (credential.kind !== 'token') {
      throw new PublicError('wrong-credential', 'Such a token is made from a key')
    }
    await services.audited.record({
      actor: name,
      action: 'token.issue',
      target: `key ${id}`,
      outcome: 'done',
      detail: {},
    })
    const { token, expiresAt } = await services.serviceTokens.issue(credential.hash, id, credential.expiresAt)
    return { access_token: token, token_type: 'Bearer' as const, expires_at: iso(expiresAt) }
  },
})
