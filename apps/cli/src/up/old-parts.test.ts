import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { awaitOldParts, writeRunningParts } from './old-parts.ts'

function partsFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-parts-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'parts.json')
}

async function sleeper(seconds: string) {
  const child = spawn('/bin/sleep', [seconds])
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'spawn')
  return child
}

const { signal } = new AbortController()

test('awaitOldParts() waits for those that stop by themselves', async () => {
  const file = partsFile()
  const child = await sleeper('0.2')
  writeRunningParts(file, new Map([['agent', child.pid ?? 0]]))
  expect(await awaitOldParts(file, 10_000, signal)).toBe(1)
  expect(child.signalCode).toBeNull()
  expect(await awaitOldParts(file, 10_000, signal)).toBe(0)
})

test('awaitOldParts() kills what is still there after its patience', async () => {
  const file = partsFile()
  const child = await sleeper('60')
  const ended = once(child, 'exit')
  writeRunningParts(file, new Map([['server', child.pid ?? 0]]))
  expect(await awaitOldParts(file, 50, signal)).toBe(1)
  expect(await ended).toEqual([null, 'SIGKILL'])
})

test('awaitOldParts() never takes another process for an old part', async () => {
  const file = partsFile()
  const child = await sleeper('60')
  writeFileSync(file, JSON.stringify([{ name: 'server', pid: child.pid, startTicks: 1 }]))
  expect(await awaitOldParts(file, 50, signal)).toBe(0)
  writeFileSync(file, 'not json')
  expect(await awaitOldParts(file, 50, signal)).toBe(0)
  expect(child.exitCode ?? child.signalCode).toBeNull()
})
