import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { collectSchema } from '@vedette/collect'
import { type AgentId, eventSchema, type SystemEvent } from '@vedette/model'
import { normaliseConfigSchema } from '@vedette/normalise'
import { expect, test } from 'vitest'
import { createWatch } from './watch.ts'

needsRoot()

const names = ['kill-at-exec', 'exec-permission']

function watchWith(collect: object) {
  return createWatch({
    agent: 'agent-1' as AgentId,
    hostname: 'h',
    run: '0123456789abcdef',
    collect: collectSchema.parse({
      kernel: 'proc-poll',
      inventory: { enabled: false },
      usage: { enabled: false },
      ...collect,
    }),
    normalise: normaliseConfigSchema.parse({}),
    clock: systemClock,
    log: silentLogger,
  })
}

test('nothing of prevention is there unless it is asked for', async () => {
  await using watch = await watchWith({})
  expect(watch.parts().filter(({ name }) => names.includes(name))).toEqual([])
  expect(watch.blindSpots().filter(({ code }) => code.startsWith('prevention'))).toEqual([])
})

test('what is stopped is an event, and the status says that it is on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-prevention-'))
  try {
    const program = join(folder, 'throwaway')
    copyFileSync('/usr/bin/touch', program)
    const off = { off_file: join(folder, 'off') }
    await using watch = await watchWith({
      kill_at_exec: { mode: 'enforce', programs: [program], ...off },
      exec_permission: { mode: 'observe', programs: [program], ...off },
    })
    expect(watch.parts().filter(({ name }) => names.includes(name))).toMatchObject([
      { state: 'running' },
      { state: 'running' },
    ])
    expect(watch.blindSpots().map(({ code }) => code)).toEqual(
      expect.arrayContaining(['prevention-enforce', 'prevention-observe']),
    )
    const stop = new AbortController()
    const events: SystemEvent[] = []
    const reading = (async () => {
      for await (const batch of watch.events(stop.signal)) {
        for (const event of batch) if (event.kind === 'system') events.push(event)
      }
    })()
    const verdicts = () => new Set(events.map(({ arguments: of }) => of?.['verdict']))
    const run = () => spawnSync(program, [join(folder, 'made')]).signal
    // The process that gives permission takes a moment to start.
    await expect
      .poll(() => [run(), ...verdicts()].includes('would_deny'), { timeout: 20_000, interval: 20 })
      .toBe(true)
    await expect.poll(() => verdicts().has('killed')).toBe(true)
    stop.abort()
    await reading
    const killed = events.find(({ arguments: of }) => of?.['verdict'] === 'killed')
    expect(killed).toMatchObject({
      kind: 'system',
      class_uid: 1007,
      activity: 'prevent_exec',
      file: { path: program, name: 'throwaway' },
      arguments: { by: 'kill-at-exec', reason: 'program' },
    })
    expect(eventSchema.parse(killed)).toEqual(killed)
    expect(watch.book()).toMatchObject({ difference: 0 })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
