import { needsRoot } from '@vedette/base/testing/needs-root'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { act } from './actor.ts'
import { Recorder, temporaryFolder } from './recorder.ts'

needsRoot()

let recorder: Recorder

beforeAll(async () => {
  recorder = await Recorder.start({ guarded_names: ['guarded-by-test'] })
})

afterAll(async () => {
  await recorder[Symbol.asyncDispose]()
  const { emitted, delivered, lost } = recorder.collector.counters()
  expect({ delivered, lost }).toEqual({ delivered: emitted, lost: 0 })
})

/** A child that sleeps, as another user or under another name; killed by its own process number. */
const sleeper = `
  const sleeper = (options = {}, name = 'sleep') => {
    const child = spawn('/usr/bin/perl', ['-e', '$0 = $ARGV[0]; $| = 1; print "ready\\n"; sleep 60', name],
      { stdio: ['ignore', 'pipe', 'ignore'], ...options })
    return new Promise((resolve) => child.stdout.once('data', () => resolve(child)))
  }
  const ended = (child) => new Promise((resolve) => child.once('exit', resolve))
  const kill = async (child, signal) => { const end = ended(child); process.kill(child.pid, signal); await end }
`

const signalsOf = (pid: number) =>
  recorder.all('system').filter((record) => record.activity === 'signal' && record.process.pid === pid)

test('a signal to a process of another user, and to one that is guarded, is told; one among equals is not', async () => {
  const { pid, said } = act<number[]>(`${sleeper}
    const equal = await sleeper()
    await kill(equal, 'SIGTERM')
    const other = await sleeper({ uid: 65534 })
    await kill(other, 'SIGKILL')
    const guarded = await sleeper({}, 'guarded-by-test')
    process.kill(guarded.pid, 'SIGSTOP')
    process.kill(guarded.pid, 'SIGCONT')
    await kill(guarded, 'SIGTERM')
    say([equal.pid, other.pid, guarded.pid])`)
  await recorder.find('exit', ({ process }) => process.pid === pid)
  expect(signalsOf(pid).map((record) => [record.target?.pid, record.systemCall, record.arguments])).toEqual([
    [said[1], 'kill', { signal: 'SIGKILL', target_uid: 65_534 }],
    [said[2], 'kill', { signal: 'SIGSTOP' }],
    [said[2], 'kill', { signal: 'SIGTERM' }],
  ])
})

test('whoever sends many signals is told at the tenth', async () => {
  const { pid } = act(`${sleeper}
    for (let i = 0; i < 12; i += 1) await kill(await sleeper(), 'SIGKILL')`)
  await recorder.find('exit', ({ process }) => process.pid === pid)
  expect(signalsOf(pid).map((record) => record.arguments)).toEqual([{ signal: 'SIGKILL', count: 10 }])
})

test('a signal to the process that collects is told with its sender', async () => {
  await using own = await Recorder.start({ ignore_self: true })
  const { pid } = act(`process.kill(${process.pid}, 'SIGURG')`)
  await own.find('exit', ({ process }) => process.pid === pid)
  // Others on this machine may signal it as well, as whoever looks whether it is still there does.
  const told = own
    .all('system')
    .filter(({ activity, process }) => activity === 'signal' && process.pid === pid)
  expect(told).toMatchObject([
    { process: { pid }, target: { pid: process.pid }, arguments: { signal: 'SIGURG', guarded: 'vedette' } },
  ])
})

test('what the kernel sends is not told', async () => {
  const { pid } = act(`
    const child = spawn('/usr/bin/perl', ['-e', 'alarm 1; sleep 60'], { uid: 65534, stdio: 'ignore' })
    await new Promise((resolve) => child.once('exit', resolve))`)
  await recorder.find('exit', ({ process }) => process.pid === pid)
  expect(signalsOf(pid)).toEqual([])
})

test('a process that removes its own program is told; one that removes another file is not', async () => {
  using folder = temporaryFolder()
  const [removed, kept] = [folder.file('removed'), folder.file('kept')]
  const { said } = act<number[]>(`
    const { copyFileSync } = await import('node:fs')
    copyFileSync('/usr/bin/perl', ${JSON.stringify(removed)})
    copyFileSync('/usr/bin/perl', ${JSON.stringify(kept)})
    const removes = spawnSync(${JSON.stringify(removed)}, ['-e', 'chdir $ARGV[0]; unlink "removed"; unlink "other"', ${JSON.stringify(folder.path)}])
    const keeps = spawnSync(${JSON.stringify(kept)}, ['-e', 'open(my $f, ">", $ARGV[0]); unlink $ARGV[0]', ${JSON.stringify(folder.file('other'))}])
    say([removes.pid, keeps.pid])`)
  await recorder.find('exit', ({ process }) => process.pid === said[1])
  const told = recorder.all('system').filter(({ activity }) => activity === 'self_delete')
  expect(told.map(({ process, path }) => [process.pid, path])).toEqual([[said[0], removed]])
})
