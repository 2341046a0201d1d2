import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '@vedette/base'
import { listPids, openProcess, readProcessStat } from '@vedette/linux'
import { describe, expect, test } from 'vitest'
import { eventually, Fixture, stateOf, targetOf } from './testing/fixture.ts'

const childrenOf = (pid: number): number[] =>
  listPids().filter((candidate) => readProcessStat(candidate)?.ppid === pid)

describe('freeze', () => {
  test('a preview changes nothing and names what it would touch', async () => {
    await using fixture = new Fixture()
    await using responder = await fixture.open()
    const target = fixture.start('/bin/sleep', '60')
    const result = await responder.handle(fixture.request('freeze', target, { execute: false }))
    expect(result).toMatchObject({
      agent: 'agent-1',
      outcome: 'preview',
      summary: `Would freeze 1 process: sleep (${target.pid})`,
      affected: [
        { pid: target.pid, name: 'sleep', cmdLine: '/bin/sleep 60', user: String(process.getuid?.()) },
      ],
    })
    expect(stateOf(target.pid)).toBe('S')
    expect(fixture.audit).toEqual([])
  })

  test('stops a process, and thaw lets it go on', async () => {
    await using fixture = new Fixture()
    await using responder = await fixture.open()
    const target = fixture.start('/bin/sleep', '60')
    const frozen = await responder.handle(fixture.request('freeze', target))
    expect(frozen).toMatchObject({
      outcome: 'done',
      summary: `Frozen 1 process: sleep (${target.pid})`,
      undo: 'thaw',
    })
    expect(stateOf(target.pid)).toBe('T')
    const thawed = await responder.handle(fixture.request('thaw', target))
    expect(thawed).toMatchObject({ outcome: 'done', summary: 'Thawed 1 process' })
    expect(await eventually(() => stateOf(target.pid) === 'S')).toBe(true)
    expect(fixture.audit.map(({ action, outcome }) => [action, outcome])).toEqual([
      ['respond.freeze', 'intended'],
      ['respond.freeze', 'done'],
      ['respond.thaw', 'intended'],
      ['respond.thaw', 'undone'],
    ])
  })

  test('a tree that goes on forking is stopped whole', async () => {
    await using fixture = new Fixture()
    // Between the choice and the signal others are born: those must be found as well.
    const audit = { append: () => delay(150) }
    await using responder = await fixture.open({}, { audit })
    const target = fixture.start('/bin/sh', '-c', 'while :; do sleep 2 & sleep 0.02; done')
    expect(await eventually(() => childrenOf(target.pid).length > 0)).toBe(true)
    const result = await responder.handle(fixture.request('freeze', target, { tree: true }))
    expect(result.outcome).toBe('done')
    const below = (pid: number): number[] => childrenOf(pid).flatMap((child) => [child, ...below(child)])
    const tree = [target.pid, ...below(target.pid)]
    expect(tree.length).toBeGreaterThan(3)
    expect(tree.map(stateOf).filter((state) => state !== 'T' && state !== 'Z')).toEqual([])
    await responder.handle(fixture.request('thaw', target))
    expect(await eventually(() => stateOf(target.pid) !== 'T')).toBe(true)
  })

  test('ends with its lease', async () => {
    await using fixture = new Fixture()
    await using responder = await fixture.open()
    const target = fixture.start('/bin/sleep', '60')
    await responder.handle(fixture.request('freeze', target, { leaseMs: 1000 }))
    expect(stateOf(target.pid)).toBe('T')
    expect(await eventually(() => fixture.undone.length > 0)).toBe(true)
    expect(await eventually(() => stateOf(target.pid) === 'S')).toBe(true)
    expect(fixture.undone).toMatchObject([
      { action: 'freeze', outcome: 'undone', summary: 'Thawed 1 process: its lease has ended' },
    ])
    expect(await eventually(() => responder.leases().length === 0)).toBe(true)
  })

  test('ends on time though the responder was killed meanwhile', async () => {
    await using fixture = new Fixture()
    const target = fixture.start('/bin/sleep', '60')
    const script = `
      import { Fixture } from ${JSON.stringify(join(import.meta.dirname, 'testing/fixture.ts'))}
      const fixture = new Fixture()
      const responder = await fixture.open({}, { leasesFile: ${JSON.stringify(join(fixture.folder, 'leases.json'))} })
      const result = await responder.handle(fixture.request('freeze', ${JSON.stringify(target)}, { leaseMs: 1500 }))
      console.log(JSON.stringify([result.outcome, fixture.folder]))
      setInterval(() => {}, 1000)`
    const agent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(agent.stdout, 'data')) as [Buffer]
    const [outcome, folder] = JSON.parse(line.toString()) as [string, string]
    agent.kill('SIGKILL')
    await once(agent, 'exit')
    rmSync(folder, { recursive: true })
    expect(outcome).toBe('done')
    expect(stateOf(target.pid)).toBe('T')
    await using responder = await fixture.open()
    expect(await eventually(() => stateOf(target.pid) === 'S')).toBe(true)
    expect(await eventually(() => responder.leases().length === 0)).toBe(true)
  })

  test('a lease of an earlier boot, or one that a jump of the clock made long, holds nobody', async () => {
    await using fixture = new Fixture()
    const target = fixture.start('/bin/sleep', '60')
    const path = join(fixture.folder, 'leases.json')
    const write = (bootId: string, endsMs: number) =>
      writeFileSync(
        path,
        JSON.stringify({
          version: 1,
          bootId,
          leases: [
            {
              id: 'x',
              action: 'freeze',
              actor: 'ann',
              endsMs,
              leaseMs: 1000,
              members: [{ ...target, wasStopped: false }],
            },
          ],
        }),
      )
    write('another boot', Date.now() + 1e9)
    await (await fixture.open())[Symbol.asyncDispose]()
    expect(fixture.undone).toEqual([])
    write(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), Date.now() + 1e9)
    await using responder = await fixture.open()
    expect(await eventually(() => fixture.undone.length === 1)).toBe(true)
    expect(await eventually(() => responder.leases().length === 0)).toBe(true)
  })

  test('a process that somebody else had stopped stays stopped', async () => {
    await using fixture = new Fixture()
    await using responder = await fixture.open()
    const target = fixture.start('/bin/sleep', '60')
    process.kill(target.pid, 'SIGSTOP')
    expect(await eventually(() => stateOf(target.pid) === 'T')).toBe(true)
    await responder.handle(fixture.request('freeze', target))
    await responder.handle(fixture.request('thaw', target))
    expect(stateOf(target.pid)).toBe('T')
  })

  test('two freezes hold it until the second one ends', async () => {
    await using fixture = new Fixture()
    await using responder = await fixture.open()
    const target = fixture.start('/bin/sleep', '60')
    await responder.handle(fixture.request('freeze', target, { leaseMs: 1000 }))
    await responder.handle(fixture.request('freeze', target))
    expect(await eventually(() => fixture.undone.length === 1)).toBe(true)
    expect(stateOf(target.pid)).toBe('T')
    await responder.handle(fixture.request('thaw', target))
    expect(await eventually(() => stateOf(target.pid) === 'S')).toBe(true)
  })

  test('what is frozen goes on when the responder stops for good', async () => {
    await using fixture = new Fixture()
    const target = fixture.start('/bin/sleep', '60')
    const responder = await fixture.open()
    await responder.handle(fixture.request('freeze', target))
    await responder[Symbol.asyncDispose]()
    expect(await eventually(() => stateOf(target.pid) === 'S')).toBe(true)
  })

  test('thaw touches only what this agent froze', async () => {
    await using fixture = new Fixture()
    await using responder = await fixture.open()
    const target = fixture.start('/bin/sleep', '60')
    process.kill(target.pid, 'SIGSTOP')
    const result = await responder.handle(fixture.request('thaw', target))
    expect(result).toMatchObject({
      outcome: 'failed',
      summary: `Process ${target.pid} is not frozen by this agent; nothing was done`,
    })
    expect(await eventually(() => stateOf(target.pid) === 'T')).toBe(true)
  })
})

describe('kill', () => {
  test('is off until it is switched on', async () => {
    await using fixture = new Fixture()
    await using responder = await fixture.open()
    const target = fixture.start('/bin/sleep', '60')
    const result = await responder.handle(fixture.request('kill', target))
    expect(result).toMatchObject({
      outcome: 'refused',
      summary: `Refused to kill sleep (${target.pid}): killing is switched off on this host (response.enable_kill)`,
    })
    expect(stateOf(target.pid)).toBe('S')
    expect(fixture.audit).toMatchObject([{ outcome: 'refused' }])
  })

  test('asks first: a program that ends by itself may tidy up', async () => {
    await using fixture = new Fixture()
    await using responder = await fixture.open({ enable_kill: true })
    const file = join(fixture.folder, 'tidied')
    const target = fixture.start(
      '/bin/sh',
      '-c',
      `trap 'echo tidied > ${file}; exit' TERM; echo > ${file}.ready; while :; do sleep 0.05; done`,
    )
    expect(await eventually(() => readdirSync(fixture.folder).includes('tidied.ready'))).toBe(true)
    const result = await responder.handle(fixture.request('kill', target))
    expect(result).toMatchObject({ outcome: 'done', summary: `Killed 1 process: sh (${target.pid})` })
    expect(result.undo).toBeUndefined()
    expect(readFileSync(file, 'utf8')).toBe('tidied\n')
  })

  test('makes a tree end that does not want to', async () => {
    await using fixture = new Fixture()
    await using responder = await fixture.open({ enable_kill: true, kill_grace_ms: 200 })
    const target = fixture.start(
      '/bin/sh',
      '-c',
      "trap '' TERM; (trap '' TERM; sleep 60; :) & while :; do sleep 0.05; done",
    )
    expect(await eventually(() => childrenOf(target.pid).length > 1)).toBe(true)
    const result = await responder.handle(fixture.request('kill', target, { tree: true }))
    expect(result.outcome).toBe('done')
    for (const { pid, uid } of result.affected) {
      expect(openProcess(pid, Number(uid.split('-')[2]))).toBeUndefined()
    }
    expect(result.affected.length).toBeGreaterThan(2)
  })

  test('what is frozen does not run once more', async () => {
    await using fixture = new Fixture()
    await using responder = await fixture.open({ enable_kill: true })
    const file = join(fixture.folder, 'ran')
    const target = fixture.start('/bin/sh', '-c', `trap 'echo > ${file}' TERM; while :; do sleep 0.05; done`)
    await responder.handle(fixture.request('freeze', target))
    const result = await responder.handle(fixture.request('kill', target))
    expect(result.outcome).toBe('done')
    expect(readdirSync(fixture.folder)).not.toContain('ran')
  })
})

describe('the policy', () => {
  test('switched off, nothing is done', async () => {
    await using fixture = new Fixture()
    await using responder = await fixture.open({ enabled: false })
    const target = fixture.start('/bin/sleep', '60')
    const result = await responder.handle(fixture.request('freeze', target))
    expect(result).toMatchObject({ outcome: 'refused', summary: expect.stringContaining('response.enabled') })
    expect(stateOf(target.pid)).toBe('S')
  })

  test.each([
    ['dry_run', 'preview', 'Nothing was done: freeze is in dry run'],
    ['ask', 'preview', 'Nothing was done: it waits for a person'],
    ['automatic', 'done', 'Frozen 1 process'],
  ] as const)('in mode %s what a policy asks for is %s', async (mode, outcome, text) => {
    await using fixture = new Fixture()
    await using responder = await fixture.open({ mode: { freeze: mode } })
    const target = fixture.start('/bin/sleep', '60')
    const result = await responder.handle(fixture.request('freeze', target, { automatic: true }))
    expect(result).toMatchObject({ outcome, summary: expect.stringContaining(text) })
    expect(stateOf(target.pid)).toBe(outcome === 'done' ? 'T' : 'S')
  })

  test('a tree that is too large is refused whole', async () => {
    await using fixture = new Fixture()
    await using responder = await fixture.open({ max_processes: 3 })
    const target = fixture.start('/bin/sh', '-c', 'sleep 60 & sleep 60 & sleep 60 & wait')
    expect(await eventually(() => childrenOf(target.pid).length === 3)).toBe(true)
    const result = await responder.handle(fixture.request('freeze', target, { tree: true }))
    expect(result).toMatchObject({
      outcome: 'refused',
      summary: expect.stringContaining('its tree has 4 processes, more than 3'),
    })
    expect(stateOf(target.pid)).toBe('S')
    for (const pid of childrenOf(target.pid)) {
      using held = openProcess(pid, readProcessStat(pid)?.startTicks ?? -1)
      held?.signal('SIGKILL')
    }
  })

  test('without an audit record nothing is done', async () => {
    await using fixture = new Fixture()
    const audit = { append: () => Promise.reject(new Error('no space left on device')) }
    await using responder = await fixture.open({ enable_kill: true }, { audit })
    const target = fixture.start('/bin/sleep', '60')
    for (const action of ['freeze', 'kill'] as const) {
      expect(await responder.handle(fixture.request(action, target))).toMatchObject({
        outcome: 'failed',
        summary: 'Nothing was done: the audit log cannot be written (no space left on device)',
      })
      expect(stateOf(target.pid)).toBe('S')
    }
  })

  test('without a place for the lease nothing is frozen', async () => {
    await using fixture = new Fixture()
    await using responder = await fixture.open(
      {},
      { leasesFile: join(fixture.folder, 'missing/leases.json') },
    )
    const target = fixture.start('/bin/sleep', '60')
    const result = await responder.handle(fixture.request('freeze', target))
    expect(result).toMatchObject({ outcome: 'failed', summary: expect.stringContaining('ENOENT') })
    expect(stateOf(target.pid)).toBe('S')
  })

  test('the record is there before the signal', async () => {
    await using fixture = new Fixture()
    const target = fixture.start('/bin/sleep', '60')
    const seen: (string | undefined)[] = []
    const audit = {
      append: async ({ outcome }: { outcome: string }) => {
        seen.push(`${outcome} ${stateOf(target.pid)}`)
      },
    }
    await using responder = await fixture.open({}, { audit, clock: systemClock })
    await responder.handle(fixture.request('freeze', target))
    expect(seen).toEqual(['intended S', 'done T'])
  })

  test('a part of the tree that is protected is left alone, with what is below it', async () => {
    await using fixture = new Fixture()
    const daemon = join(fixture.folder, 'daemon')
    copyFileSync('/bin/sh', daemon)
    await using responder = await fixture.open({ never_touch: [daemon] })
    const target = fixture.start('/bin/sh', '-c', `${daemon} -c 'sleep 60; :' & sleep 60; :`)
    expect(await eventually(() => childrenOf(target.pid).length === 2)).toBe(true)
    const spared = childrenOf(target.pid).find((pid) => readProcessStat(pid)?.name === 'daemon') ?? 0
    expect(await eventually(() => childrenOf(spared).length === 1)).toBe(true)
    const below = childrenOf(spared)[0] ?? 0
    const result = await responder.handle(fixture.request('freeze', target, { tree: true }))
    expect(result).toMatchObject({
      outcome: 'done',
      summary: expect.stringContaining(`left alone: daemon (${spared})`),
    })
    expect(result.affected.find(({ pid }) => pid === spared)?.protectedBecause).toBe(
      `its program ${daemon} is on the never-touch list`,
    )
    expect([target.pid, spared, below].map(stateOf)).toEqual(['T', 'S', 'S'])
    for (const pid of [below, spared]) {
      const { startTicks } = targetOf(pid)
      using held = openProcess(pid, startTicks)
      held?.signal('SIGKILL')
    }
  })
})
