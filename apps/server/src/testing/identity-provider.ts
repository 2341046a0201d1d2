import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'

/** What the provider says of whoever comes next, and how it may go wrong. */
export interface Proves {
  readonly claims: JWTPayload
  /** Says another nonce than the one that it was asked with. */
  readonly nonce?: string
  /** Signs with a key that it does not publish. */
  readonly forged?: boolean
  readonly audience?: string
  readonly issuer?: string
  /** Milliseconds from now until the identity token ends; an hour by default. */
  readonly lifetimeMs?: number
}

/** Somebody else's service: an OpenID provider on this machine that proves everybody at once (Core 1.0, PKCE required). */
export interface TestProvider extends AsyncDisposable {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** From now on. */
  proves(who: Proves): void
  /** What a browser does that is sent there: the address that it is sent back to. */
  visit(url: string): Promise<string>
}

export async function openTestProvider(): Promise<TestProvider> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const other = await generateKeyPair('ES256')
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }
  const clientId = 'vedette'
  const clientSecret = randomUUID()
  const codes = new Map<string, { challenge: string; nonce: string; redirect: string }>()
  let who: Proves = { claims: { sub: 'nobody' } }

  const server = createServer((request, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    handle(request).then(
      (body) =>
        body instanceof URL ? response.writeHead(302, { location: body.href }).end() : answer(200, body),
      (error: unknown) => answer(400, { error: 'invalid_grant', error_description: String(error) }),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function handle(request: IncomingMessage): Promise<object> {
    const url = new URL(request.url ?? '/', issuer)
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/jwks`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['ES256'],
          code_challenge_methods_supported: ['S256'],
          token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
        }
      case '/jwks':
        return { keys: [jwk] }
      case '/authorize': {
        const asked = url.searchParams
        if (asked.get('code_challenge_method') !== 'S256' || asked.get('client_id') !== clientId) {
          throw new Error('not with PKCE, or not of our client')
        }
        const code = randomUUID()
        const redirect = asked.get('redirect_uri') ?? ''
        codes.set(code, {
          challenge: asked.get('code_challenge') ?? '',
          nonce: asked.get('nonce') ?? '',
          redirect,
        })
        const back = new URL(redirect)
        back.searchParams.set('code', code)
        back.searchParams.set('state', asked.get('state') ?? '')
        return back
      }
      case '/token': {
        const form = new URLSearchParams(await textOf(request))
        const begun = codes.get(form.get('code') ?? '')
        codes.delete(form.get('code') ?? '')
        const basic = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64').toString()
        const secret = form.get('client_secret') ?? basic.split(':')[1]
        const verifier = createHash('sha256')
          .update(form.get('code_verifier') ?? '')
          .digest('base64url')
        if (!begun || verifier !== begun.challenge || secret !== clientSecret) throw new Error('refused')
        if (form.get('redirect_uri') !== begun.redirect) throw new Error('another redirect_uri')
        const { sub = '', ...claims } = who.claims
        const token = await new SignJWT({ ...claims, nonce: who.nonce ?? begun.nonce })
          .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
          .setSubject(sub)
          .setIssuer(who.issuer ?? issuer)
          .setAudience(who.audience ?? clientId)
          .setIssuedAt()
          .setExpirationTime(new Date(Date.now() + (who.lifetimeMs ?? 3_600_000)))
          .sign(who.forged === true ? other.privateKey : privateKey)
        return { access_token: randomUUID(), token_type: 'Bearer', id_token: token }
      }
      default:
        throw new Error('nothing here')
    }
  }

  return {
    issuer,
    clientId,
    clientSecret,
    proves(next) {
      who = next
    },
    async visit(url) {
      const response = await fetch(url, { redirect: 'manual' })
      const back = response.headers.get('location')
      if (back === null) throw new Error(`the provider answered ${response.status}: ${await response.text()}`)
      return back
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}
