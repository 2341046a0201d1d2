import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type House, startHouse } from '../house.ts'

const answerSchema = z.object({
  analytics_alerts: z.array(
    z.object({
      title: z.string(),
      count: z.number(),
      time: z.string(),
      rule: z.object({ title: z.string() }),
    }),
  ),
})

const healthSchema = z.object({
  system_health: z.object({
    checks: z.array(z.object({ name: z.string(), value: z.string().nullable(), message: z.string() })),
  }),
})

const titles = new Set([
  'Vedette sees less of a host than it did',
  'The agent of Vedette was ended or halted by a signal',
])

/** Alerts about the watch itself. */
async function alertsOf(house: House) {
  const answer = await house.ask('{ analytics_alerts(limit: 100) { title count time rule { title } } }')
  const { analytics_alerts: alerts } = answerSchema.parse(answer)
  return alerts.filter(({ rule }) => titles.has(rule.title))
}

/** 0 while there is none. */
function agentOf(house: House): number {
  const parts = z
    .array(z.object({ name: z.string(), pid: z.number() }))
    .parse(JSON.parse(readFileSync(join(house.home, 'operator/parts.json'), 'utf8')))
  return parts.find(({ name }) => name === 'agent')?.pid ?? 0
}

/** Moves a process into a group of its own and freezes that, until it is disposed of. */
function freeze(pid: number): Disposable {
  const mount = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/self/mounts', 'latin1'))?.[1] ?? ''
  const group = join(mount, `vedette-test-frozen-${process.pid}`)
  mkdirSync(group)
  writeFileSync(join(group, 'cgroup.procs'), String(pid))
  writeFileSync(join(group, 'cgroup.freeze'), '1')
  return {
    [Symbol.dispose]() {
      writeFileSync(join(group, 'cgroup.freeze'), '0')
      rmdirSync(group)
    },
  }
}

/** Of this process, as the kernel keeps it. */
function ownName(): string {
  return readFileSync('/proc/self/comm', 'utf8').trimEnd()
}

/** Processor time of a process so far, in hundredths of a second. */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    await delay(100)
  }
}

/** To the kernel 0 would be whoever asks: this process must not halt or freeze itself. */
function startedAgent(house: House): Promise<number> {
  return until(async () => agentOf(house) || undefined)
}

test('an agent that is stopped is ended, watches again, and what happened is an alert', async () => {
  await using house = await startHouse()
  const before = await startedAgent(house)
  process.kill(before, 'SIGSTOP')
  await until(async () => (agentOf(house) === before ? undefined : true))
  const alert = await until(async () =>
    (await alertsOf(house)).find(({ title }) => title.includes('agent did')),
  )
  expect(alert.title).toMatch(/agent did not answer and is started again: .*gave no sign of life for \d+ s/)
  // Only the sensor in the kernel knows who did it.
  needsRoot()
  expect(alert.title).toContain(`; SIGSTOP came from ${ownName()} (${process.pid}) of user 0, started by `)
  expect(alert.count).toBe(1)
})

test('an agent that is killed watches again, and tells who did it', async () => {
  needsRoot()
  await using house = await startHouse()
  const before = await startedAgent(house)
  const { pid } = spawnSync('/bin/kill', ['-KILL', String(before)])
  const alert = await until(async () =>
    (await alertsOf(house)).find(({ title }) => title.includes('agent failed')),
  )
  expect(alert.rule.title).toBe('The agent of Vedette was ended or halted by a signal')
  expect(alert.title).toContain(
    `The agent ended by itself (SIGKILL); SIGKILL came from kill (${pid}) of user 0, started by ${ownName()} (${process.pid})`,
  )
})

test('an agent whose group is frozen is ended and watches again', async () => {
  needsRoot()
  await using house = await startHouse()
  const before = await startedAgent(house)
  const group = freeze(before)
  try {
    await until(async () => (agentOf(house) === before ? undefined : true))
    const alert = await until(async () =>
      (await alertsOf(house)).find(({ title }) => title.includes('agent did')),
    )
    expect(alert.rule.title).toBe('Vedette sees less of a host than it did')
  } finally {
    group[Symbol.dispose]()
  }
})

test('the kernel keeps the agent to its budget, in a group that is gone afterwards', async () => {
  needsRoot()
  const folder = mkdtempSync(join(tmpdir(), 'vedette-budget-'))
  try {
    const config = join(folder, 'config.yml')
    writeFileSync(config, 'agent:\n  budget: { cpu_percent: 20 }\n')
    await using house = await startHouse({ args: ['--config', config] })
    const agent = await startedAgent(house)
    const group = `vedette-agent-${house.ready.pid}`
    expect(readFileSync(`/proc/${agent}/cgroup`, 'utf8')).toContain(group)
    // More programs a second than a fifth of a processor can tell of.
    const load = spawn('sh', ['-c', 'while :; do /bin/true; /bin/true; /bin/true; done'])
    try {
      const before = cpuTicks(agent)
      const startMs = performance.now()
      await delay(6000)
      const percent = (cpuTicks(agent) - before) / ((performance.now() - startMs) / 1000)
      expect(percent).toBeLessThan(23)
    } finally {
      load.kill('SIGKILL')
    }
    await house.stop()
    const left = globSync(`/sys/fs/cgroup/**/${group}`)
    expect(left).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a loss is an alert, one for the whole episode, with how much was lost of what', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-degraded-'))
  try {
    const config = join(folder, 'config.yml')
    // A queue of two records: a hundred programs at once are more than it holds.
    writeFileSync(
      config,
      'collect:\n  kernel: proc-poll\n  proc_poll: { queue_size: 2, interval_ms: 1000 }\n',
    )
    await using house = await startHouse({ args: ['--config', config] })
    const burst = () =>
      once(spawn('sh', ['-c', 'i=0; while [ $i -lt 100 ]; do sleep 2 & i=$((i+1)); done; wait']), 'exit')
    const started = burst()
    const alert = await until(async () =>
      (await alertsOf(house)).find(({ title }) => title.includes('proc-poll')),
    )
    expect(alert.title).toMatch(/proc-poll does not keep up, \d+ lost \(/)
    await started
    await burst()
    // After overload the books still balance: all that was seen was stored, counted as lost, or is under way.
    const books = await until(async () => {
      const { system_health: health } = healthSchema.parse(
        await house.ask('{ system_health { checks { name value message } } }'),
      )
      const found = health.checks.find(({ name }) => name === 'books')
      return found !== undefined && !found.message.startsWith('0 ') ? found : undefined
    })
    expect(books.value).toBe('0')
    expect(books.message).toMatch(/ = .* handed on \+ .* lost \+ .* on their way$/)
    expect((await alertsOf(house)).filter(({ title }) => title.includes('proc-poll'))).toHaveLength(1)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
