import { rmSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import { DEFAULT_TENANT, type TenantId } from '@vedette/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket, type ClientOptions } from 'ws'
import { Authority } from '../authority/authority.ts'
import { X509Certificate, X509CertificateGenerator } from '../authority/x509.ts'
import { type RunningServer, startServer } from '../start.ts'
import { serverSettingsSchema } from '../settings.ts'
import { MovedClock } from '../testing/test-clock.ts'
import { TestAgent } from '../testing/test-agent.ts'
import { type Answer, TestHost } from '../testing/test-host.ts'
import { newFolder, newSecrets, nobody, settingsLine } from '../testing/test-server.ts'
import { newToken, tokenHash } from '../access/token.ts'

const OTHER = 'tenant-b' as TenantId
const DAY_MS = 86_400_000
const folder = newFolder()
const secrets = newSecrets()
const clock = new MovedClock()
let server: RunningServer
const agents: TestAgent[] = []

function start(): Promise<RunningServer> {
  const settings = serverSettingsSchema.parse(settingsLine(folder, secrets, { agents_listen: '127.0.0.1:0' }))
  const stateUser = nobody()
  return startServer(settings, { clock, log: silentLogger, ...(stateUser && { stateUser }) })
}

beforeAll(async () => {
  server = await start()
})
afterAll(async () => {
  for (const agent of agents) agent[Symbol.dispose]()
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const url = () => server.agentsUrl!
const newHost = () => TestHost.make(url(), server.services.authority!.certificate)

async function ask<T>(path: string, body?: object, token = secrets.cliToken) {
  const response = await fetch(`${server.url}${path}`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as T }
}

/** Takes back what is at an address. */
async function withdraw(path: string, token = secrets.cliToken) {
  const response = await fetch(`${server.url}${path}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}` },
  })
  return { status: response.status, body: (await response.json()) as object }
}

async function newSecret(options: object = {}, token?: string): Promise<string> {
  return (await ask<{ secret: string }>('/api/agents/secrets', options, token)).body.secret
}

/** A program of somebody who manages the other tenant. */
async function otherAdmin(): Promise<string> {
  const token = newToken()
  const name = token.slice(0, 8)
  await server.services.state
    .of(OTHER)
    .apiTokens.put(tokenHash(token), { id: name, name, role: 'admin' }, Date.now())
  return token
}

async function enrolled(secret?: string): Promise<TestHost> {
  const host = await newHost()
  expect(await host.enrol(secret ?? (await newSecret()))).toMatchObject({ status: 200 })
  return host
}

async function connect(host: TestHost): Promise<TestAgent> {
  const agent = await TestAgent.connect(url(), host.tls, host.agent)
  agents.push(agent)
  return agent
}

/** The status with which a stream is refused, or `open`. */
async function streamStatus(options: ClientOptions, to = url()): Promise<unknown> {
  const socket = new WebSocket(`${to.replace('http', 'ws')}/agent/v1/stream`, options)
  const status = await new Promise((resolve) => {
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode))
    socket.once('open', () => resolve('open'))
    socket.on('error', (error) => resolve(error.message))
  })
  socket.terminate()
  return status
}

async function records(action: string) {
  const found = []
  for await (const record of server.services.auditLog.records())
    if (record.action === action) found.push(record)
  return found
}

const code = ({ status, body }: Answer) => [status, body.error?.code]

describe('enrolment', () => {
  test('with a secret: what the host then sends is stored, in the secret’s tenant', async () => {
    const host = await enrolled(await newSecret({}, await otherAdmin()))
    const agent = await connect(host)
    const event = agent.launch('true')
    await agent.store(0, [event])
    expect(await server.services.events.of(OTHER).get(event.id)).toMatchObject({
      device: { uid: host.agent },
    })
    expect(await server.services.events.of(DEFAULT_TENANT).get(event.id)).toBeUndefined()
    const { body } = await ask<{ agents: { id: string }[] }>('/api/agents', undefined, await otherAdmin())
    expect(body.agents).toMatchObject([{ id: host.agent, state: 'connected', hostname: 'web-2' }])
    expect((await ask(`/api/agents/${host.agent}`)).status).toBe(404)
    expect((await withdraw(`/api/agents/${host.agent}`)).status).toBe(404)
    expect((await records('agent.enrol')).at(-1)).toMatchObject({ target: host.agent, outcome: 'done' })
  })

  test('a secret that is wrong, used up, expired or revoked lets nobody in', async () => {
    const host = await newHost()
    const refused = [403, 'enrolment-refused']
    expect(code(await host.enrol(newToken()))).toEqual(refused)
    const once = await newSecret({ uses: 1 })
    await enrolled(once)
    expect(code(await host.enrol(once))).toEqual(refused)
    const short = await newSecret({ valid_minutes: 1 })
    clock.forward(60_001)
    expect(code(await host.enrol(short))).toEqual(refused)
    const revoked = await ask<{ id: string; secret: string }>('/api/agents/secrets', {})
    expect((await withdraw(`/api/agents/secrets/${revoked.body.id}`, await otherAdmin())).status).toBe(404)
    expect((await withdraw(`/api/agents/secrets/${revoked.body.id}`)).status).toBe(200)
    expect(code(await host.enrol(revoked.body.secret))).toEqual(refused)
    expect(host.certificate).toBe('')
  })

  test('an answer that was lost uses nothing up', async () => {
    const secret = await newSecret({ uses: 1 })
    const host = await enrolled(secret)
    const { agent } = host
    expect(await host.enrol(secret)).toMatchObject({ status: 200, body: { agent } })
  })

  test('without a secret somebody has to approve it', async () => {
    const host = await newHost()
    const asked = await host.enrol()
    expect(asked).toMatchObject({ status: 202, body: { state: 'pending' } })
    expect((await host.enrol()).body.agent).toBe(asked.body.agent)
    expect(await streamStatus(host.tls)).not.toBe('open')
    const id = asked.body.agent
    expect((await ask(`/api/agents/${id}/approve`, {}, await otherAdmin())).status).toBe(404)
    expect((await ask(`/api/agents/${id}/approve`, {})).status).toBe(200)
    expect(await host.enrol()).toMatchObject({ status: 200, body: { agent: id, tenant: DEFAULT_TENANT } })
    await connect(host)
    expect((await records('agent.approve')).map(({ outcome }) => outcome)).toEqual(['intended', 'done'])
  })

  test('one that was refused gets nothing', async () => {
    const host = await newHost()
    const { agent } = (await host.enrol()).body
    expect((await ask(`/api/agents/${agent}/refuse`, {})).status).toBe(200)
    expect((await host.enrol()).body.agent).not.toBe(agent)
  })

  test.each([
    ['no request', { csr: 'hello', hostname: 'x' }],
    ['no name', { csr: '' }],
    ['more than is asked for', { csr: '', hostname: 'x', tenant: 'other' }],
    ['a name that is too long', { csr: '', hostname: 'x'.repeat(300) }],
  ])('%s is refused', async (_name, body) => {
    expect(code(await (await newHost()).post('/agent/v1/enroll', body))).toEqual([400, 'bad-input'])
  })

  test('the address of agents has nothing of what people use', async () => {
    const host = await newHost()
    expect((await host.post('/auth/sign-in', {})).status).toBe(404)
    expect((await host.post('/graphql', {})).status).toBe(404)
    expect((await fetch(`${server.url}/agent/v1/enroll`, { method: 'POST' })).status).toBe(404)
  })
})

describe('certificates', () => {
  test('another authority’s opens nothing, whatever it says', async () => {
    const host = await enrolled()
    const forger = await Authority.open(join(folder, 'forger'), systemClock, server.services.keys.ring)
    const asked = await forger.readRequest(host.csr)
    const { pem } = await forger.issue(asked!, { tenant: DEFAULT_TENANT, agent: host.agent as never }, DAY_MS)
    expect(await streamStatus({ ...host.tls, cert: pem })).toBe(401)
    expect(await streamStatus(host.tls)).toBe('open')
  })

  test('a forged one opens nothing that has the number of a good one and names the right authority', async () => {
    const host = await enrolled()
    const good = new X509Certificate(host.certificate)
    const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
    const forger = await crypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])
    const forged = await X509CertificateGenerator.create({
      serialNumber: good.serialNumber,
      subject: good.subject,
      issuer: good.issuer,
      notBefore: good.notBefore,
      notAfter: good.notAfter,
      signingAlgorithm,
      publicKey: good.publicKey,
      signingKey: forger.privateKey,
      extensions: good.extensions,
    })
    expect(await streamStatus({ ...host.tls, cert: forged.toString('pem') })).toBe(401)
    await withdraw(`/api/agents/${host.agent}`)
    const before = (await records('agent.cloned')).length
    expect(await streamStatus({ ...host.tls, cert: forged.toString('pem') })).toBe(401)
    expect(await records('agent.cloned')).toHaveLength(before)
  })

  test('one that is not on record opens nothing, even if it is the authority’s own', async () => {
    const host = await enrolled()
    const authority = server.services.authority!
    const asked = await authority.readRequest(host.csr)
    const name = { tenant: DEFAULT_TENANT, agent: host.agent as never }
    const { pem } = await authority.issue(asked!, name, DAY_MS)
    expect(await streamStatus({ ...host.tls, cert: pem })).toBe(401)
  })

  test('who claims to be another is refused, in a request and in what it sends', async () => {
    const victim = await enrolled()
    const host = await newHost()
    await host.newKey(`CN=${victim.agent}`)
    await host.enrol(await newSecret())
    expect(host.agent).not.toBe(victim.agent)
    const liar = await TestAgent.connect(url(), host.tls, victim.agent)
    agents.push(liar)
    liar.batch(0, [liar.launch('true')])
    expect(await liar.until(({ type }) => type === 'refused')).toMatchObject({
      reason: expect.stringContaining('another'),
    })
    expect(
      code(
        await host.post('/agent/v1/renew', { csr: victim.csr }, { key: host.key, cert: host.certificate }),
      ),
    ).toEqual([403, 'enrolment-refused'])
  })

  test('an older TLS, no certificate, or a bearer token from elsewhere are refused', async () => {
    const host = await enrolled()
    const { key: _key, cert: _cert, ...bare } = host.tls
    expect(await streamStatus({ ...host.tls, maxVersion: 'TLSv1.2' })).toMatch(/protocol version/)
    expect(await streamStatus(bare)).toBe(401)
    const headers = { authorization: `Bearer ${secrets.agentCredential}`, 'x-forwarded-for': '192.0.2.1' }
    expect(await streamStatus({ headers }, server.url)).toBe(401)
  })

  test('is renewed for a new key; the old one ends with its first use, and who comes with it then is told', async () => {
    const host = await enrolled()
    const old = host.tls
    await connect(host)
    expect(await host.renew()).toMatchObject({ status: 200, body: { agent: host.agent } })
    expect(await streamStatus(old)).toBe('open')
    const agent = await connect(host)
    await agent.store(0, [agent.launch('true')])
    const before = (await records('agent.cloned')).length
    expect(await streamStatus(old)).toBe(401)
    expect(await records('agent.cloned')).toHaveLength(before + 1)
  })
})

describe('an agent that is moved', () => {
  test('goes on in the other tenant, under the same id, with a certificate of its own', async () => {
    const host = await enrolled()
    const agent = await connect(host)
    expect((await ask(`/api/agents/${host.agent}/move`, { secret: await newSecret() })).status).toBe(403)
    expect((await ask(`/api/agents/${host.agent}/move`, { secret: newToken() })).status).toBe(403)
    const there = await otherAdmin()
    const secret = await newSecret({}, there)
    expect(await ask(`/api/agents/${host.agent}/move`, { secret })).toMatchObject({
      body: { moved_to: OTHER },
    })
    expect(await agent.closed).toBe(4403)
    expect(await streamStatus(host.tls)).toBe(401)
    expect(await host.renew()).toMatchObject({ status: 200, body: { agent: host.agent, tenant: OTHER } })
    const moved = await connect(host)
    const event = moved.launch('true')
    await moved.store(0, [event])
    expect(await server.services.events.of(OTHER).get(event.id)).toBeDefined()
    expect((await ask(`/api/agents/${host.agent}`)).body).toMatchObject({ state: 'removed', moved_to: OTHER })
    expect((await ask(`/api/agents/${host.agent}`, undefined, there)).body).toMatchObject({
      state: 'connected',
    })
    // Removed there, its way over is closed too.
    await withdraw(`/api/agents/${host.agent}`, there)
    expect((await host.renew()).status).toBe(401)
  })
})

describe('a removed agent', () => {
  test('loses its connection within a second and stays removed, also after a restart', async () => {
    const host = await enrolled()
    const agent = await connect(host)
    const began = performance.now()
    expect(await withdraw(`/api/agents/${host.agent}`)).toMatchObject({ body: { state: 'removed' } })
    expect(await agent.closed).toBe(4403)
    expect(performance.now() - began).toBeLessThan(1000)
    expect(await streamStatus(host.tls)).toBe(401)
    expect((await host.enrol(await newSecret())).status).toBe(403)
    await server[Symbol.asyncDispose]()
    server = await start()
    const again = await TestHost.make(url(), server.services.authority!.certificate)
    Object.assign(again, { key: host.key, csr: host.csr, certificate: host.certificate })
    expect(await streamStatus(again.tls)).toBe(401)
    expect((await again.enrol(await newSecret())).status).toBe(403)
    expect((await withdraw(`/api/agents/${host.agent}`)).status).toBe(404)
  })

  test('loses it also when another server removed it', async () => {
    const host = await enrolled()
    const agent = await connect(host)
    await server.services.state.of(DEFAULT_TENANT).enrolments.remove(host.agent as never, clock.now())
    const began = performance.now()
    expect(await agent.closed).toBe(4403)
    expect(performance.now() - began).toBeLessThan(1000)
  })
})

describe('a clone', () => {
  test('on another machine is refused and told; the first one stays', async () => {
    const host = await enrolled()
    const agent = await connect(host)
    const tls = { ...host.tls, headers: { 'x-vedette-machine': 'f'.repeat(64) } }
    const before = (await records('agent.cloned')).length
    expect(await streamStatus(tls)).toBe(403)
    expect(await records('agent.cloned')).toHaveLength(before + 1)
    await agent.store(0, [agent.launch('true')])
  })

  test('of a whole machine is noticed when both are alive: the first one stays, the other is refused', async () => {
    const host = await enrolled()
    const first = await connect(host)
    const second = await connect(host)
    expect(await first.closed).toBe(4409)
    const back = new TestAgent(url(), host.tls, host.agent)
    agents.push(back)
    back.run = first.run
    await once(back.socket, 'open')
    back.hello()
    expect(await second.closed).toBe(4409)
    await back.store(0, [back.launch('true')])
    const third = new TestAgent(url(), host.tls, host.agent)
    agents.push(third)
    third.run = second.run
    await once(third.socket, 'open')
    third.hello()
    expect(await third.closed).toBe(4410)
    expect((await records('agent.cloned')).at(-1)).toMatchObject({
      target: host.agent,
      detail: { reason: 'two agents with the same certificate' },
    })
    const { events } = server.services
    await expect.poll(() => events.of(DEFAULT_TENANT).count({ search: 'copied' })).toBeGreaterThan(0)
  })

  test('an agent that is started anew is none', async () => {
    const host = await enrolled()
    const before = (await records('agent.cloned')).length
    for (let i = 0; i < 3; i += 1) await connect(host)
    expect(await records('agent.cloned')).toHaveLength(before)
  })
})

// Last: what is signed from here on is of the future, for TLS.
test('a certificate that expired opens nothing', async () => {
  const host = await enrolled()
  clock.forward(30 * DAY_MS + 1000)
  expect(await streamStatus(host.tls)).toBe(401)
})
