import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { silentLogger, systemClock } from '@vedette/base'
import { bootId, readProcess } from '@vedette/linux'
import { type AgentId, eventSchema, type ExecRecord, type RawRecord } from '@vedette/model'
import { afterEach, describe, expect, test } from 'vitest'
import { normaliseConfigSchema } from './config.ts'
import { createNormaliser } from './normaliser.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

function create(config: Record<string, unknown> = {}) {
  return createNormaliser({
    device: { uid: 'a' as AgentId, hostname: 'h' },
    bootId: bootId(),
    run: '0123456789abcdef',
    clock: systemClock,
    log: silentLogger,
    // Long enough for a busy machine: this tests what is waited for, not how long.
    config: normaliseConfigSchema.parse({ executable_hash: { wait_ms: 1000 }, ...config }),
  })
}

/** A shell that starts a sleep, so that there is a grandchild of ours. */
async function shellWithSleep(): Promise<{ readonly shell: number; readonly sleep: number }> {
  const child = spawn('/bin/sh', ['-c', '/usr/bin/sleep 60 & echo $!; wait'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [line] = (
    await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))))
  ).split('\n')
  const sleep = Number(line)
  await expect.poll(() => readProcess(sleep)?.executable).toMatch(/sleep$/)
  return { shell: child.pid ?? 0, sleep }
}

const connectOf = (pid: number): RawRecord => ({
  source: 'ebpf',
  type: 'connect',
  timeMs: Date.now(),
  process: { pid, startTicks: readProcess(pid)?.startTicks ?? 0 },
  protocol: 'tcp',
  local: { address: '127.0.0.1', port: 40_000 },
  remote: { address: '127.0.0.1', port: 80 },
})

describe('with the /proc of this machine', () => {
  test('a process from before the watch has its ancestors, user and command line', async () => {
    const { shell, sleep } = await shellWithSleep()
    using normaliser = create()
    const [event] = await normaliser.normalise([connectOf(sleep)])
    process.kill(sleep, 'SIGKILL')
    expect(eventSchema.parse(event)).toEqual(event)
    expect(event).toMatchObject({
      kind: 'network',
      process: {
        pid: sleep,
        name: 'sleep',
        cmd_line: '/usr/bin/sleep 60',
        user: { uid: String(process.getuid?.()) },
        parent_process: { pid: shell },
      },
    })
    expect(event?.kind === 'network' && event.process?.ancestry?.map(({ pid }) => pid).slice(0, 2)).toEqual([
      shell,
      process.pid,
    ])
    expect(normaliser.counters().process_tree.looked_up).toBe(0)
  })

  test('a process that started unseen is looked up by its first record', async () => {
    using normaliser = create()
    const { shell, sleep } = await shellWithSleep()
    const [event] = await normaliser.normalise([connectOf(sleep)])
    process.kill(sleep, 'SIGKILL')
    expect(event).toMatchObject({ process: { name: 'sleep', parent_process: { pid: shell } } })
    expect(normaliser.counters().process_tree.looked_up).toBeGreaterThanOrEqual(1)
  })

  test('a launch carries the hash of its file; without the wait it is on the next event of the process', async () => {
    const { sleep } = await shellWithSleep()
    const info = readProcess(sleep)
    if (!info?.executable) throw new Error('sleep is gone')
    const exec: ExecRecord = {
      source: 'ebpf',
      type: 'exec',
      timeMs: Date.now(),
      process: { pid: sleep, startTicks: info.startTicks },
      parent: { pid: info.ppid, startTicks: 0 },
      executable: info.executable,
      argv: info.argv,
      argvTruncated: false,
      uid: info.uid,
      gid: info.gid,
      taskName: info.name,
      ...(info.executableFile && { executableFile: info.executableFile }),
    }
    const value = createHash('sha256').update(readFileSync(info.executable)).digest('hex')
    const hashes = [{ algorithm: 'SHA-256', algorithm_id: 3, value }]

    using patient = create()
    // In the same batch as the launch, the connection has it too.
    const events = await patient.normalise([exec, connectOf(sleep)])
    expect(events).toMatchObject([{ process: { file: { hashes } } }, { process: { file: { hashes } } }])

    using hurried = create({ executable_hash: { wait_ms: 0, bytes_per_second: 65_536 } })
    const [launch] = await hurried.normalise([exec])
    const of = (event: typeof launch) => (event?.kind === 'process' ? event.process.file?.hashes : undefined)
    expect(of(launch)).toBeUndefined()
    await expect
      .poll(async () => (await hurried.normalise([connectOf(sleep)]))[0], { timeout: 30_000 })
      .toMatchObject({ process: { file: { hashes } } })
    process.kill(sleep, 'SIGKILL')
  })
})
