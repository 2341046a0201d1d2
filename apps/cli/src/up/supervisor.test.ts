import { silentLogger } from '@vedette/base'
import { expect, test } from 'vitest'
import { Part } from './part.ts'
import { keepRunning } from './supervisor.ts'

function partOf(program: string): Part {
  return new Part({
    name: 'agent',
    command: () => ({ file: process.execPath, args: ['-e', program] }),
    settings: () => ({}),
    onMessage: () => undefined,
    onLog: () => undefined,
    onStart: () => undefined,
    graceMs: 1000,
  })
}

test(
  'keepRunning() starts a part again and gives it up when it ends at once again and again',
  { timeout: 60_000 },
  async () => {
    const restarts: number[] = []
    const options = { log: silentLogger, onRestart: (_: unknown, n: number) => restarts.push(n) }
    const part = partOf('process.exit(1)')
    await expect(keepRunning(part, () => true, options, new AbortController().signal)).rejects.toMatchObject({
      code: 'part-given-up',
    })
    expect(restarts).toEqual([1, 2, 3, 4])
  },
)

test('keepRunning() ends at once when a part calls its first fault fatal', async () => {
  const options = { log: silentLogger, onRestart: () => expect.unreachable() }
  const part = partOf(
    `console.log(JSON.stringify({type:'fatal',code:'port-in-use',message:'taken'})); process.exit(1)`,
  )
  await expect(keepRunning(part, () => false, options, new AbortController().signal)).rejects.toMatchObject({
    code: 'port-in-use',
  })
})
