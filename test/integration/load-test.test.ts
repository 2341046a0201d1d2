import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LoneServer, startLoneServer } from '../../bench/load/server.ts'

const VEDETTE = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url))

interface Finished {
  readonly status: number
  readonly out: string
  readonly err: string
}

function loadTest(home: string, ...args: readonly string[]): Promise<Finished> {
  return new Promise((resolve) => {
    const given = [VEDETTE, 'load-test', '--home', home, ...args]
    execFile(process.execPath, given, { env: { ...process.env, NO_COLOR: '1' } }, (error, out, err) =>
      resolve({ status: error === null ? 0 : Number(error.code), out, err }),
    )
  })
}

let server: LoneServer
const folders: string[] = []

beforeAll(async () => {
  server = await startLoneServer()
})
afterAll(async () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  await server[Symbol.asyncDispose]()
})

async function agents(): Promise<{ id: string; hostname: string; state: string }[]> {
  const response = await server.call('/api/agents?limit=1000')
  return ((await response.json()) as { agents: { id: string; hostname: string; state: string }[] }).agents
}

describe('vedette load-test', () => {
  test('sends, has every event stored once, and leaves no agent behind', async () => {
    const { status, out, err } = await loadTest(
      server.home,
      '--agents=3',
      '--rate=300',
      '--duration=2s',
      '--processes=2',
      '--json',
    )
    expect([status, err]).toEqual([0, ''])
    const result = JSON.parse(out) as Record<string, number>
    expect(Object.keys(result)).toEqual([
      'sent',
      'acknowledged',
      'stored',
      'duplicates',
      'lost',
      'eventsPerSecond',
      'ackP50Ms',
      'ackP99Ms',
      'serverRssMiB',
    ])
    expect(result['sent']).toBeGreaterThan(0)
    expect(result).toMatchObject({
      acknowledged: result['sent'],
      stored: result['sent'],
      duplicates: 0,
      lost: 0,
    })
    const query = '{ events(limit: 1000, search: "load-test-") { host data } analytics_alerts { title } }'
    const answer = await server.call('/graphql', { method: 'POST', body: JSON.stringify({ query }) })
    const { data } = (await answer.json()) as { data: { events: object[] } }
    expect(data.events).toHaveLength(Math.min(1000, result['sent'] ?? 0))
    const left = await agents()
    expect(left).toHaveLength(3)
    expect(
      left.every(({ hostname, state }) => hostname.startsWith('load-test-') && state === 'removed'),
    ).toBe(true)
    const secrets = await (await server.call('/api/agents/secrets')).json()
    expect(secrets).toEqual({ secrets: [] })
  })

  test('--heartbeats-only stores nothing and tells of the answers', async () => {
    const { status, out } = await loadTest(
      server.home,
      '--agents=2',
      '--duration=2s',
      '--heartbeats-only',
      '--heartbeat=1s',
      '--json',
    )
    expect(status).toBe(0)
    const { heartbeats, ...rest } = JSON.parse(out) as { heartbeats: { sent: number; answered: number } }
    expect(heartbeats.sent).toBeGreaterThan(0)
    expect(heartbeats.answered).toBeGreaterThan(0)
    expect(rest).toMatchObject({ sent: 0, stored: 0, lost: 0 })
  })

  test('--dry-run says what would be done and does nothing', async () => {
    const before = await agents()
    const { status, out } = await loadTest(server.home, '--agents', '7', '--dry-run')
    expect(status).toBe(0)
    expect(out).toContain('enrol 7 agents')
    expect(out).toContain('30 000 events')
    expect(await agents()).toEqual(before)
  })

  test('without a server, without the right, and beyond its bounds it says so', async () => {
    const nowhere = mkdtempSync(join(tmpdir(), 'vedette-nowhere-'))
    folders.push(nowhere)
    expect((await loadTest(nowhere)).status).toBe(3)
    const own = readFileSync(join(server.home, 'operator', 'cli-token'), 'utf8')
    writeFileSync(join(server.home, 'operator', 'cli-token'), 'a token that is nobodys')
    try {
      expect((await loadTest(server.home, '--agents', '1')).status).toBe(4)
      expect((await loadTest(server.home, '--dry-run')).status).toBe(4)
    } finally {
      writeFileSync(join(server.home, 'operator', 'cli-token'), own)
    }
    expect((await loadTest(server.home, '--duration', '2h')).status).toBe(2)
    expect((await loadTest(server.home, '--agents', '0')).status).toBe(2)
    expect((await loadTest(server.home, '--server', 'http://127.0.0.1:1')).status).toBe(2)
  })
})
