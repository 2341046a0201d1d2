import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { launchCommand } from '@vedette/linux'
import { createClient } from 'graphql-ws'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { ServerReport } from './settings.ts'
import { newFolder, newSecrets, nobody, settingsLine } from './testing/test-server.ts'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))
const CHECKOUT = realpathSync(fileURLToPath(new URL('../../..', import.meta.url)))
const children: ChildProcessByStdio<Writable, Readable, Readable>[] = []

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const closed = new Promise((resolve) => child.once('close', resolve))
    // Asked to stop, it takes its PostgreSQL along.
    child.kill('SIGTERM')
    await closed
  }
})

interface Started {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>
  /** The first line on standard output. */
  readonly report: Promise<ServerReport>
  readonly stderr: () => string
  readonly ended: Promise<number | null>
}

/** Starts main.ts as the supervisor does: as a user that is not root, settings on standard input. */
function start(line: string): Started {
  const user = nobody()
  if (user) chownSync(`${folder}/home`, user.uid, user.gid)
  const reachable = [CHECKOUT, realpathSync(folder)]
  const { file, args } = user
    ? launchCommand({ user, capabilities: [], reachable, workingDirectory: '/' }, [process.execPath, MAIN])
    : { file: process.execPath, args: [MAIN] }
  const child = spawn(file, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] },
  })
  children.push(child)
  let text = ''
  child.stderr.on('data', (chunk) => (text += String(chunk)))
  const lines = createInterface({ input: child.stdout })
  const report = new Promise<ServerReport>((resolve, reject) => {
    lines.once('line', (line) => resolve(JSON.parse(line) as ServerReport))
    child.once('close', (code) => reject(new Error(`it ended with ${code}: ${text}`)))
  })
  report.catch(() => undefined)
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  child.stdin.on('error', () => undefined)
  child.stdin.write(line)
  return { child, report, stderr: () => text, ended }
}

/** Of all tests: only the first start in it has to make its stores. */
const folder = newFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function prepare(api: Parameters<typeof settingsLine>[2] = {}) {
  const secrets = newSecrets()
  const settings = { ...settingsLine(folder, secrets, api), logLevel: 'info' }
  return { secrets, line: `${JSON.stringify(settings)}\n` }
}

describe('the server’s program', () => {
  test('tells where it is, and stops by itself within its time on SIGTERM and keeps its word after', async () => {
    const { line, secrets } = prepare()
    const first = start(line)
    const report = await first.report
    expect(report).toEqual({
      type: 'ready',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      setupNeeded: true,
    })
    const { url } = report as { url: string }
    const setUp = await fetch(`${url}/auth/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        token: secrets.setupToken,
        name: 'anna',
        password: 'a quiet morning by the sea',
      }),
    })
    expect(setUp.status).toBe(200)
    first.child.kill('SIGTERM')
    // 1 would say that its time was over before it had stopped.
    expect(await first.ended).toBe(0)

    const second = start(line)
    expect(await second.report).toMatchObject({ type: 'ready', setupNeeded: false })
    expect(second.stderr()).not.toContain(secrets.cliToken)
    expect(second.stderr()).not.toContain('a quiet morning')
  })

  test('stops when whoever started it is gone', async () => {
    const { line } = prepare()
    const { child, report, ended } = start(line)
    await report
    child.stdin.end()
    expect(await ended).toBe(0)
  })

  test('says which port is taken and what to do', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    const { line } = prepare({ listen: `127.0.0.1:${port}` })
    const { report, ended } = start(line)
    expect(await report).toEqual({
      type: 'fatal',
      code: 'port-in-use',
      message: expect.stringMatching(new RegExp(`port ${port} is taken.*--port 0`)),
    })
    expect(await ended).toBe(1)
    taken.close()
  })

  test.each([
    ['an address that others reach without TLS', { listen: '0.0.0.0:0' }, 'insecure-listen'],
    ['figures for everybody', { metrics_listen: '0.0.0.0:0' }, 'insecure-listen'],
    ['live values for everybody', { websocket_listen: '0.0.0.0:0' }, 'insecure-listen'],
    ['the sample secret', { jwt_secret: 'your-secret-key-here' }, 'config-invalid'],
    ['a key that is unknown', { cors_origin: ['x'] }, 'config-invalid'],
  ])('does not start with %s', async (_name, api, code) => {
    const { line } = prepare(api as never)
    expect(await start(line).report).toMatchObject({ type: 'fatal', code })
  })

  test.each([
    ['no JSON', 'hello\n', 'settings-invalid'],
    ['half a line', '{"version":', 'settings-invalid'],
    ['nothing', '', 'settings-missing'],
    ['no settings', '{}\n', 'config-invalid'],
  ])('does not start with %s', async (_name, line, code) => {
    prepare()
    const { child, report } = start(line)
    child.stdin.end()
    expect(await report).toMatchObject({ type: 'fatal', code })
  })

  test('a rule that cannot be read is told and the rest judge', async () => {
    const { line } = prepare()
    const broken = `${folder}/rules/broken.yml`
    writeFileSync(broken, 'title: [')
    const { report, stderr } = start(line)
    const { url } = (await report) as { url: string }
    expect(await (await fetch(`${url}/health/rules`)).json()).toMatchObject({
      status: 'degraded',
      value: '2',
    })
    expect(stderr()).toContain('broken.yml')
    rmSync(broken)
  })
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as { port: number }
  await new Promise((resolve) => probe.close(resolve))
  return port
}

test.each(['/', '/graphql'])(
  'live values have an address of their own where one is given: %s',
  async (path) => {
    const port = await freePort()
    const { line, secrets } = prepare({ websocket_listen: `127.0.0.1:${port}` })
    const { report, child, ended } = start(line)
    await report
    const client = createClient({
      url: `ws://127.0.0.1:${port}${path}`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${secrets.cliToken}` },
    })
    const { value } = await client.iterate({ query: '{ overview { hosts } }' }).next()
    expect(value).toEqual({ data: { overview: { hosts: 0 } } })
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(426)
    // An open socket does not hold up the stop.
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    await client.dispose()
  },
)

test('a page elsewhere cannot use the address of live values', async () => {
  const port = await freePort()
  const { line } = prepare({ websocket_listen: `127.0.0.1:${port}` })
  await start(line).report
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, 'graphql-transport-ws', {
    headers: { origin: 'https://elsewhere.example' },
  })
  await expect(once(socket, 'open')).rejects.toThrow('403')
})

test('figures have an address of their own where one is given', async () => {
  const port = await freePort()
  const { line } = prepare({ metrics_listen: `127.0.0.1:${port}` })
  const { report } = start(line)
  await report
  const metrics = await fetch(`http://127.0.0.1:${port}/metrics`)
  expect(await metrics.text()).toContain('vedette_rules')
  expect((await fetch(`http://127.0.0.1:${port}/graphql`)).status).toBe(404)
})
