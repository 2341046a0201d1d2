import { PublicError } from '../../access/public-error.ts'
import { type Route, signedIn } from '../../http/route.ts'

/** Makes a token of a quarter of an hour from the key that asks: for calls where the key itself should not go. */
export const serviceTokenRoute: Route = {
  method: 'POST',
  url: '/auth/token',
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
    return { access_token: token, token_type: 'Bearer', expires_at: new Date(expiresAt).toISOString() }
  },
}
