import { once } from 'node:events'
import type { Socket } from 'node:net'
import { DEFAULT_TENANT } from '@vedette/model'
import { WebSocket } from 'ws'
import { openTestServer, type TestServer } from '../../../apps/server/src/testing/test-server.ts'
import { MovedClock } from '../../../apps/server/src/testing/test-clock.ts'
import { seeded } from '../../../packages/store/src/testing/forgetful-files.ts'
import type { Figure } from '../row.ts'
import { shapeProbes } from './probes.ts'

/** A refusal because of the shape of an operation. */
const LIMIT = /limit of|limited to/
const PROTOCOL = 'graphql-transport-ws'

export interface Doors {
  readonly rounds: number
  readonly sockets: number
}

/** Asks too much, comes from elsewhere, and stays when it should go. */
export async function doors(seed: number, { rounds, sockets }: Doors): Promise<Figure[]> {
  const clock = new MovedClock()
  await using server = await openTestServer({ clock })
  const shapes = await shaped(server, clock, seed, rounds)
  const foreign = await fromElsewhere(server, clock)
  const revoked = await whileOpen(server, clock, sockets)
  return [...shapes, ...foreign, ...revoked]
}

async function shaped(
  server: TestServer,
  clock: MovedClock,
  seed: number,
  rounds: number,
): Promise<Figure[]> {
  const { rules } = server.running.services
  if (rules === undefined) throw new TypeError('the server of a test has rules')
  let resolved = 0
  const states = rules.states.bind(rules)
  rules.states = () => {
    resolved += 1
    return states()
  }
  const counts = { probes: 0, passed: 0, otherwise: 0, resolved: 0, refused: 0 }
  using asker = await SocketAsker.connect(server)
  for (const { limit, body, isAllowed } of shapeProbes(seeded(seed), rounds)) {
    clock.forward(1000)
    const ways = [overHttp(server), ...(limit === 'batch' ? [] : [asker.ask.bind(asker)])]
    for (const way of ways) {
      const before = resolved
      const text = await way(body)
      counts.probes += 1
      const isRefused = /"errors"/.test(text)
      if (isAllowed) {
        // What it costs is another matter.
        if (LIMIT.test(text) || (!isRefused && resolved === before)) counts.refused += 1
        continue
      }
      if (!isRefused) counts.passed += 1
      else if (!LIMIT.test(text)) counts.otherwise += 1
      counts.resolved += resolved - before
    }
  }
  rules.states = states
  return [
    { name: 'operations of a shape', value: counts.probes, must: { beAtLeast: 15 * rounds } },
    { name: 'too deep, aliased or many, and let in', value: counts.passed, must: { be: 0 } },
    { name: 'refused for another reason', value: counts.otherwise, must: { be: 0 } },
    { name: 'resolvers that ran before a refusal', value: counts.resolved, must: { be: 0 } },
    { name: 'within the limits, and refused', value: counts.refused, must: { be: 0 } },
  ]
}

function overHttp(server: TestServer) {
  return async (body: unknown): Promise<string> => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${server.cliToken}` },
      body: JSON.stringify(body),
    })
    return response.text()
  }
}

/** Sockets of pages that are not ours, of pages that hide whose they are, and with a cookie alone. */
async function fromElsewhere(server: TestServer, clock: MovedClock): Promise<Figure[]> {
  const { host, port } = new URL(server.url)
  const cases: Readonly<Record<string, string>>[] = [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: `https://${host}` },
    { origin: `http://${host}.evil.example` },
    { origin: `http://127.0.0.1:${Number(port) + 1}` },
    { origin: `http://evil.example@${host}` },
    { cookie: 'vedette_session=x' },
    { origin: 'http://evil.example', host: 'evil.example' },
  ]
  let open = 0
  for (const headers of cases) {
    clock.forward(10_000)
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, PROTOCOL, { headers })
    const outcome = await new Promise<string>((resolve) => {
      socket.once('open', () => resolve('open'))
      socket.once('error', () => resolve('refused'))
    })
    if (outcome === 'open') open += 1
    socket.terminate()
  }
  const own = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, PROTOCOL, {
    headers: { origin: server.url },
  })
  await once(own, 'open')
  own.terminate()
  return [
    { name: 'upgrades from elsewhere', value: cases.length, must: { beAtLeast: 8 } },
    { name: 'of these, opened', value: open, must: { be: 0 } },
  ]
}

/** Credentials that are revoked while their sockets are open; half of the peers do not answer the close. */
async function whileOpen(server: TestServer, clock: MovedClock, count: number): Promise<Figure[]> {
  const { state } = server.running.services
  const ended: Promise<number>[] = []
  let revokedAtMs = 0
  for (let i = 0; i < count; i += 1) {
    clock.forward(10_000)
    const asker = await SocketAsker.connect(server, await server.token('viewer'))
    asker.subscribe()
    if (i % 2 === 1) asker.turnDeaf()
    ended.push(once(asker.tcp, 'close').then(() => performance.now() - revokedAtMs))
  }
  const stranger = await SocketAsker.connect(server)
  const tokens = state.of(DEFAULT_TENANT).apiTokens
  revokedAtMs = performance.now()
  for (const { id } of await tokens.list()) if (id.startsWith('viewer-')) await tokens.revoke(id)
  const late = new Promise<number[]>((resolve) => setTimeout(resolve, 15_000, []).unref())
  const waits = await Promise.race([Promise.all(ended), late])
  const others = stranger.isOpen ? 0 : 1
  stranger[Symbol.dispose]()
  return [
    { name: 'sockets whose credential was revoked', value: count },
    {
      name: 'not closed within 5 s',
      value: count - waits.filter((ms) => ms <= 5000).length,
      must: { be: 0 },
    },
    { name: 'the last one closed after ms', value: Math.round(Math.max(0, ...waits)) },
    { name: 'closed although its credential is good', value: others, must: { be: 0 } },
  ]
}

/** A socket that somebody signed in on. */
class SocketAsker implements Disposable {
  readonly #socket: WebSocket
  /** What carries it. */
  readonly tcp: Socket
  readonly #answers = new Map<string, (text: string) => void>()
  #next = 0

  private constructor(socket: WebSocket, tcp: Socket) {
    this.#socket = socket
    this.tcp = tcp
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      const { id, type } = JSON.parse(data.toString()) as { id?: string; type: string }
      if (id === undefined || type === 'complete') return
      const text = data.toString()
      this.#answers.get(id)?.(type === 'error' ? text.replace('"payload"', '"errors"') : text)
    })
  }

  static async connect(server: TestServer, token = server.cliToken): Promise<SocketAsker> {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, PROTOCOL)
    const upgraded = once(socket, 'upgrade')
    await once(socket, 'open')
    const [{ socket: tcp }] = (await upgraded) as [{ socket: Socket }]
    const acknowledged = once(socket, 'message')
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }))
    await acknowledged
    return new SocketAsker(socket, tcp)
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  ask(payload: unknown): Promise<string> {
    const id = String((this.#next += 1))
    return new Promise((resolve) => {
      this.#answers.set(id, resolve)
      this.#socket.send(JSON.stringify({ id, type: 'subscribe', payload }))
    })
  }

  subscribe(): void {
    const payload = { query: 'subscription { newAlerts { id } }' }
    this.#socket.send(JSON.stringify({ id: 'live', type: 'subscribe', payload }))
  }

  /** From now on it reads no frame, so it answers none. */
  turnDeaf(): void {
    this.tcp.removeAllListeners('data')
    this.tcp.resume()
  }

  [Symbol.dispose](): void {
    this.#socket.terminate()
  }
}
