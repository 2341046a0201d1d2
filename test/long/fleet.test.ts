import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, startHouse, vedette } from '../house.ts'

const program = fileURLToPath(new URL('../../apps/cli/bin/vedette', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'vedette-fleet-'))
const home = join(folder, 'host')
const copy = join(folder, 'copy')
const config = join(folder, 'agent.yml')
const running: ChildProcess[] = []
let house: House
let server: string
let fingerprint: string

beforeAll(async () => {
  const houseConfig = join(folder, 'house.yml')
  // 26 s: a third of it is left when it is renewed.
  writeFileSync(houseConfig, 'api:\n  agents_listen: 127.0.0.1:0\n  agent_certificate_days: 0.0003\n')
  writeFileSync(config, 'collect:\n  kernel: proc-poll\n')
  house = await startHouse({ args: ['--config', houseConfig] })
})
afterAll(async () => {
  for (const child of running) {
    if (child.exitCode !== null) continue
    child.kill('SIGINT')
    await once(child, 'exit')
  }
  await house[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

interface Agents {
  readonly agents: { id: string; state: string; certificate: { serial: string } }[]
  readonly pending: { id: string; key: string }[]
}

/** As `vedette agents list --json` has it, without a start of a program for each look. */
const agents = async () => {
  const response = await fetch(`${house.ready.url}/agents`, {
    headers: { authorization: `Bearer ${house.token()}` },
  })
  return (await response.json()) as Agents
}
const enroll = (at: string, ...args: string[]) =>
  vedette(['enroll', '--server', server, '--ca-fingerprint', fingerprint, '--home', at, '--json', ...args])
const identity = () =>
  JSON.parse(readFileSync(join(home, 'agent', 'identity.json'), 'utf8')) as {
    agent: string
    certificate: string
  }

/** `vedette agent` in a home, and what it printed. */
function startAgent(at: string) {
  const child = spawn(program, ['agent', '--home', at, '--json', '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => said.push(text))
  }
  const count = (type: string) => said.join('').split(`"type":"${type}"`).length - 1
  return { child, said, count }
}

test('a host is enrolled, with a server that has shown who it is', async () => {
  expect((await house.vedette('agents', 'list')).stdout).toMatch(/^No agents were enrolled/)
  const made = JSON.parse((await house.vedette('agents', 'secret', 'create', '--json')).stdout) as {
    server: string
    ca_fingerprint: string
    secret: string
  }
  server = made.server
  fingerprint = made.ca_fingerprint.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
  const wrong = await enroll(home, '--secret', made.secret)
  expect([wrong.status, JSON.parse(wrong.stderr)]).toMatchObject([
    1,
    { error: { code: 'server-not-trusted' } },
  ])
  fingerprint = made.ca_fingerprint
  expect(JSON.parse((await vedette(['agent', '--home', home, '--json'])).stderr)).toMatchObject({
    error: { code: 'not-enrolled' },
  })
  const done = await enroll(home, '--secret', made.secret)
  expect(done).toMatchObject({ status: 0, stderr: '' })
  expect(statSync(join(home, 'agent', 'identity.json')).mode & 0o777).toBe(0o600)
  expect(JSON.parse(done.stdout)).toMatchObject({ state: 'enrolled', agent: identity().agent })
  expect((await enroll(home, '--secret', made.secret)).status).toBe(4)
  const second = await enroll(copy, '--secret', made.secret)
  expect([second.status, JSON.parse(second.stderr)]).toMatchObject([
    4,
    { error: { code: 'enrolment-refused' } },
  ])
})

test('what happens there is stored, and its certificate is renewed while it runs', async () => {
  const { agent, certificate } = identity()
  const started = startAgent(home)
  await expect.poll(() => started.count('connected'), { timeout: 30_000 }).toBe(1)
  const stored = async () =>
    ((await house.ask(`{ events(host: "${agent}", limit: 1) { event_id } }`)) as { events: unknown[] }).events
      .length
  await expect.poll(stored, { timeout: 20_000 }).toBe(1)
  expect((await agents()).agents).toMatchObject([{ id: agent, state: 'connected' }])
  await expect.poll(() => identity().certificate, { timeout: 40_000 }).not.toBe(certificate)
  await expect.poll(() => started.count('connected'), { timeout: 20_000 }).toBe(2)
})

test('a copy of the whole home is noticed once both run; the first one stays', async () => {
  rmSync(copy, { recursive: true })
  execFileSync('/bin/cp', ['-a', home, copy])
  const second = startAgent(copy)
  await expect.poll(() => second.count('connected'), { timeout: 30_000 }).toBeGreaterThan(0)
  const alerts = async () =>
    (
      (await house.ask('{ analytics_alerts(search: "was copied") { title } }')) as {
        analytics_alerts: unknown[]
      }
    ).analytics_alerts.length
  await expect.poll(alerts, { timeout: 20_000 }).toBe(1)
  second.child.kill('SIGINT')
  await once(second.child, 'exit')
  expect((await agents()).agents).toMatchObject([{ state: 'connected' }])
})

test('one that was removed is cut off and does not come back', async () => {
  const { agent } = identity()
  const removed = await house.vedette('agents', 'remove', agent.slice(0, 6))
  expect(removed).toMatchObject({ status: 0 })
  expect((await agents()).agents).toMatchObject([{ id: agent, state: 'removed' }])
  expect((await house.vedette('agents', 'remove', agent)).status).toBe(5)
  const shown = await house.vedette('agents', 'show', agent)
  expect(shown.stdout).toContain('revoked')
})

test('without a secret somebody has to approve it', async () => {
  const other = join(folder, 'other')
  const asked = enroll(other)
  await expect.poll(async () => (await agents()).pending.length, { timeout: 20_000 }).toBe(1)
  const [waiting] = (await agents()).pending
  expect((await house.vedette('agents', 'approve', waiting?.id ?? '')).stdout).toContain(waiting?.key)
  const { status, stdout } = await asked
  expect(status).toBe(0)
  expect(stdout).toContain(`"agent": "${waiting?.id}"`)
})
