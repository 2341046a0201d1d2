import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { openPidfd, openProcess } from './pidfd.ts'
import { readProcessStat } from './proc/stat.ts'

describe('a process held by its descriptor', () => {
  test('gets signals, and is seen to end', async () => {
    const child = spawn('/bin/sleep', ['60'])
    const pid = child.pid ?? 0
    using held = openProcess(pid, readProcessStat(pid)?.startTicks ?? -1)
    expect(held?.hasExited()).toBe(false)
    const ended = held?.waitForExit(AbortSignal.timeout(10_000))
    expect(held?.signal('SIGTERM')).toBe(true)
    expect(await ended).toBe(true)
    expect(held?.hasExited()).toBe(true)
  })

  test('a signal after its end reaches nobody', async () => {
    const child = spawn('/bin/sleep', ['60'])
    using held = openPidfd(child.pid ?? 0)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(held?.signal('SIGKILL')).toBe(false)
  })

  test('waiting ends when the signal aborts, and the process goes on', async () => {
    const child = spawn('/bin/sleep', ['60'])
    using held = openPidfd(child.pid ?? 0)
    expect(await held?.waitForExit(AbortSignal.timeout(20))).toBe(false)
    expect(held?.hasExited()).toBe(false)
    held?.signal('SIGKILL')
    await once(child, 'exit')
  })

  test('openProcess() refuses another start time', async () => {
    const child = spawn('/bin/sleep', ['60'])
    const pid = child.pid ?? 0
    const startTicks = readProcessStat(pid)?.startTicks ?? -1
    expect(openProcess(pid, startTicks - 1)).toBeUndefined()
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(openProcess(pid, startTicks)).toBeUndefined()
  })

  test.each([0, -1, -process.pid, 1.5, Number.NaN, 2 ** 31])('%d is nobody', (pid) => {
    expect(openPidfd(pid)).toBeUndefined()
  })
})
