import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { agentCapabilities } from '../../apps/cli/src/up/agent-rights.ts'
import { type House, startHouse, vedette } from '../house.ts'

const statusSchema = z.object({
  running: z.literal(true),
  url: z.string(),
  pid: z.number(),
  parts: z.array(
    z.object({
      name: z.string(),
      state: z.string(),
      counters: z.object({ emitted: z.number(), delivered: z.number(), lost: z.number() }).nullable(),
    }),
  ),
})

/** Fields of /proc/PID/status. */
function statusOf(pid: number): Map<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').trim().split('\n')
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  )
}

/** A process and everything below it. */
function processTree(root: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {
      // It ended meanwhile.
    }
  }
  const found = [root]
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child)
  return found
}

/** A dead process that its parent has not collected yet is not alive; how soon an orphan is, is up to init. */
function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !/^[ZX]$/.test(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[0] ?? '')
  } catch {
    return false
  }
}

function partsOf(house: House): Record<string, number> {
  const parts = z
    .array(z.object({ name: z.string(), pid: z.number() }))
    .parse(JSON.parse(readFileSync(join(house.home, 'operator/parts.json'), 'utf8')))
  return Object.fromEntries(parts.map(({ name, pid }) => [name, pid]))
}

let house: House

beforeAll(async () => {
  house = await startHouse()
})
afterAll(async () => {
  await house[Symbol.asyncDispose]()
})

test('up says where it is, what it sees, and gives a token for the first account', () => {
  expect(house.ready.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(house.ready.pid).toBe(house.supervisor.pid)
  expect(house.ready.setupToken).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(house.output()).toContain(`${house.ready.url}/#token=${house.ready.setupToken}`)
  expect(house.output()).toMatch(/Sees +\S/)
  expect(house.output()).toContain('Watching')
})

test('status names each part, its state and its losses', async () => {
  const { status, stdout } = await house.vedette('status', '--json')
  expect(status).toBe(0)
  const { parts, pid, url } = statusSchema.parse(JSON.parse(stdout))
  expect([pid, url]).toEqual([house.ready.pid, house.ready.url])
  const states = new Map(parts.map(({ name, state }) => [name.replace(/^agent\/[^/]+\//, 'agent/'), state]))
  for (const name of ['agent/batches', 'agent/spool', 'agent/uplink', 'agent/normalise']) {
    expect([name, states.get(name)]).toEqual([name, 'running'])
  }
  expect(parts.filter(({ counters }) => counters !== null && counters.lost > 0)).toEqual([])
})

test('health says that all is well', async () => {
  needsRoot()
  const { status, stdout, stderr } = await house.vedette('health')
  expect({ status, stderr, stdout }).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringMatching(/^healthy/),
  })
})

const checkout = fileURLToPath(new URL('../..', import.meta.url))

test('a fresh house raises no alert about itself', async () => {
  const { stdout } = await house.vedette('alerts', 'list', '--json')
  const alerts = z
    .array(z.object({ title: z.string(), process: z.object({ user: z.string().nullable() }).nullable() }))
    .parse(JSON.parse(stdout))
  // A checkout below /tmp does run its programs from a temporary folder, and that this is told is right.
  const told = (title: string) => /^\/(?:var\/)?tmp\//.test(checkout) && title.startsWith(checkout)
  expect(alerts.filter(({ title, process }) => process?.user === 'vedette' && !told(title))).toEqual([])
})

test('every folder of the home is closed to others, and no part may look into that of another', () => {
  for (const name of ['', 'server', 'agent', 'operator']) {
    expect([name, statSync(join(house.home, name)).mode & 0o777]).toEqual([name, 0o700])
  }
  for (const name of ['agent/credential', 'operator/cli-token', 'operator/endpoint.json']) {
    expect([name, statSync(join(house.home, name)).mode & 0o777]).toEqual([name, 0o600])
  }
})

test('started by root, the server and its stores run as the user vedette without a right', () => {
  needsRoot()
  const uid = execFileSync('id', ['-u', 'vedette'], { encoding: 'utf8' }).trim()
  const { server } = partsOf(house)
  const tree = processTree(server ?? 0)
  expect(tree.length).toBeGreaterThan(1)
  for (const pid of tree) {
    const status = statusOf(pid)
    expect(status.get('Uid')?.split(/\s+/)).toEqual([uid, uid, uid, uid])
    expect(status.get('Groups')).toBe('')
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
      expect([set, BigInt(`0x${status.get(set)}`)]).toEqual([set, 0n])
    }
    expect(status.get('NoNewPrivs')).toBe('1')
  }
  expect(statSync(join(house.home, 'server')).uid).toBe(Number(uid))
})

test('the agent has the rights that it needs and no other', () => {
  needsRoot()
  const numbers: Record<string, number> = {
    CAP_DAC_READ_SEARCH: 2,
    CAP_KILL: 5,
    CAP_NET_ADMIN: 12,
    CAP_SYS_PTRACE: 19,
    CAP_AUDIT_CONTROL: 30,
    CAP_PERFMON: 38,
    CAP_BPF: 39,
  }
  const expected = agentCapabilities.reduce((mask, name) => mask | (1n << BigInt(numbers[name] ?? 63)), 0n)
  const status = statusOf(partsOf(house)['agent'] ?? 0)
  for (const set of ['CapPrm', 'CapEff', 'CapBnd']) {
    expect([set, BigInt(`0x${status.get(set)}`)]).toEqual([set, expected])
  }
  expect(BigInt(`0x${status.get('CapAmb')}`)).toBe(0n)
  expect(status.get('NoNewPrivs')).toBe('1')
})

test('the agent has loaded neither of the stores', () => {
  const maps = readFileSync(`/proc/${partsOf(house)['agent'] ?? 0}/maps`, 'utf8')
  expect(maps).toContain('koffi')
  expect(maps).not.toMatch(/chdb|libpq|postgres/)
})

test('a second up in the same home says who runs and where', async () => {
  const { status, stderr } = await vedette(['up', '--home', house.home, '--port', '0'])
  expect(status).toBe(1)
  expect(stderr).toContain(`already runs in ${house.home}: process ${house.ready.pid}, ${house.ready.url}`)
})

test('a part that dies is started again, under the same address, and nothing of it is lost', async () => {
  const { server } = partsOf(house)
  process.kill(server ?? 0, 'SIGKILL')
  await expect.poll(() => partsOf(house)['server'], { timeout: 20_000 }).not.toBe(server)
  await expect
    .poll(async () => (await house.vedette('health')).status, { timeout: 20_000, interval: 500 })
    .toBeLessThan(2)
  await expect
    .poll(async () => JSON.parse((await house.vedette('status', '--json')).stdout).hosts[0].state, {
      timeout: 20_000,
    })
    .toBe('reporting')
})

test('Ctrl-C stops everything within 5 s, leaves no process, and the next start finds all of it', async () => {
  const events = async (from: House) =>
    z.object({ events_total: z.number() }).parse(JSON.parse((await from.vedette('metrics', '--json')).stdout))
      .events_total
  const before = await events(house)
  expect(before).toBeGreaterThan(0)
  const tree = processTree(house.ready.pid)
  expect(tree.length).toBeGreaterThanOrEqual(4)
  expect(await house.stop()).toBeLessThan(5000)
  expect(house.supervisor.exitCode).toBe(0)
  expect(house.output()).toContain('Stopped.')
  expect(tree.filter(isAlive)).toEqual([])
  expect((await house.vedette('status')).status).toBe(3)

  await using again = await startHouse({ home: house.home })
  expect(await events(again)).toBeGreaterThanOrEqual(before)
})

test('after kill -9 of the supervisor its parts stop by themselves, and a new start recovers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-up-'))
  try {
    const home = join(folder, 'home')
    const first = await startHouse({ home })
    const tree = processTree(first.ready.pid)
    await first.kill()
    await using second = await startHouse({ home })
    expect(tree.filter(isAlive)).toEqual([])
    expect((await second.vedette('audit', 'verify')).status).toBe(0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('an ordinary user can run the house, and is told what it cannot see', async () => {
  needsRoot()
  const uid = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }))
  const folder = mkdtempSync(join(tmpdir(), 'vedette-user-'))
  try {
    chownSync(folder, uid, uid)
    chmodSync(folder, 0o700)
    await using own = await startHouse({ home: join(folder, 'home'), uid, gid: uid })
    for (const pid of processTree(own.ready.pid)) {
      expect(statusOf(pid).get('Uid')?.split(/\s+/)[1]).toBe(String(uid))
    }
    expect(own.output()).toContain('Cannot see')
    // It watches what it may, says the rest with what would change it, and that is no alarm.
    const told = z
      .object({
        parts: z.array(z.object({ name: z.string(), state: z.string() })),
        blind_spots: z.array(z.object({ code: z.string() })),
      })
      .parse(JSON.parse((await own.vedette('status', '--json')).stdout))
    const running = told.parts
      .filter(({ state }) => state === 'running')
      .map(({ name }) => name.split('/').at(-1))
    expect(running).toEqual(
      expect.arrayContaining(['proc-poll', 'file', 'usage', 'normalise', 'spool', 'uplink']),
    )
    expect(told.blind_spots.map(({ code }) => code)).toEqual(
      expect.arrayContaining([
        'not-root',
        'short-processes',
        'other-users-processes',
        'other-users-usage',
        'soft-budget',
      ]),
    )
    expect(own.output().replaceAll(/\s+/g, ' ')).toContain('starting as root would change that')
    const alerts = z.object({ analytics_alerts: z.array(z.object({ title: z.string() })) })
    const { analytics_alerts: raised } = alerts.parse(
      await own.ask('{ analytics_alerts(limit: 10) { title } }'),
    )
    expect(raised.filter(({ title }) => /does not keep up|budget/.test(title))).toEqual([])
    expect((await own.vedette('status')).status).toBe(0)
    const demo = await own.vedette('demo')
    expect([demo.status, demo.stderr]).toEqual([0, ''])
    expect(demo.stdout).toContain('this sensor may not see it')
    await own.stop()
    expect(own.supervisor.exitCode).toBe(0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a start that cannot be is refused before anything runs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-refused-'))
  try {
    chmodSync(folder, 0o755)
    const open = await vedette(['up', '--home', folder, '--port', '0'])
    expect([open.status, open.stderr]).toEqual([4, expect.stringContaining(`Type: chmod 700 ${folder}`)])
    const bad = await vedette(['up', '--home', join(folder, 'x')], {
      ...process.env,
      JWT_SECRET: 'your-secret-key-here',
    })
    expect([bad.status, bad.stderr]).toEqual([2, expect.stringContaining('JWT_SECRET')])
    expect(readdirSync(folder)).toEqual([])
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const taken = await vedette(['up', '--home', join(folder, 'y'), '--port', String(port)])
    other.close()
    expect([taken.status, taken.stderr]).toEqual([
      1,
      expect.stringContaining(`Port ${port} of 127.0.0.1 is taken`),
    ])
    const listen = { ...process.env, GRAPHQL_ENDPOINT: '0.0.0.0:0' }
    const insecure = await vedette(['up', '--home', join(folder, 'y')], listen)
    expect([insecure.status, insecure.stderr]).toEqual([1, expect.stringContaining('needs TLS')])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
