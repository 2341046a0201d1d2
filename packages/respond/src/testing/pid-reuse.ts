/**
 * Run in a pid namespace of its own: makes the kernel give the pid of a process that has ended to another, asks for
 * actions on the one that has ended, and says on standard output whether the other felt it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Fixture, stateOf, targetOf } from './fixture.ts'

const rounds = Number(process.argv[2] ?? 10)
await using fixture = new Fixture()
await using responder = await fixture.open({ enable_kill: true, kill_grace_ms: 0 })
const outcomes = new Set<string>()
let reused = 0
let hurt = 0

for (let round = 0; round < rounds; round += 1) {
  const guilty = spawn('/bin/sleep', ['60'], { stdio: 'ignore' })
  const pid = guilty.pid ?? 0
  const target = targetOf(pid)
  guilty.kill('SIGKILL')
  await once(guilty, 'exit')
  // Start times are told in hundredths of a second.
  await delay(11)
  writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1))
  const innocent = spawn('/bin/sleep', ['60'], { stdio: 'ignore' })
  if (innocent.pid === pid) {
    reused += 1
    for (const action of ['freeze', 'kill'] as const) {
      const result = await responder.handle(fixture.request(action, target, { tree: round % 2 === 0 }))
      outcomes.add(result.outcome)
    }
    const state = stateOf(pid)
    if (innocent.exitCode !== null || innocent.signalCode !== null || state === 'T' || state === undefined)
      hurt += 1
  }
  innocent.kill('SIGKILL')
  await once(innocent, 'exit')
}
process.stdout.write(JSON.stringify({ reused, outcomes: [...outcomes], hurt }))
