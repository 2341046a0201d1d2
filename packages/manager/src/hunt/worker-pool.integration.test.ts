import { systemClock } from '@vedette/base'
import { expect, test } from 'vitest'
import type { Unit } from './units.ts'
import { startWorkerPool, type WorkerPoolOptions } from './worker-pool.ts'

function unit(index: number, path: string): Unit {
  return {
    index,
    path,
    writtenMs: 0,
    format: 'lines',
    compression: 'none',
    name: path,
    start: 0,
    end: 1,
    fileBytes: 1,
    first: true,
    last: true,
  }
}

function pool(options: Partial<WorkerPoolOptions> = {}) {
  return startWorkerPool({
    workers: 2,
    rules: Promise.resolve({ paths: [] }),
    ruleIds: () => ['a', 'b'],
    clock: systemClock,
    memoryMb: 64,
    module: new URL('./testing/odd.worker.ts', import.meta.url),
    ...options,
  })
}

/** Runs units of these paths all at once; gives how each ended and what was handed on. */
async function runAll(paths: readonly string[], options?: Partial<WorkerPoolOptions>) {
  await using workers = pool(options)
  const texts: string[] = []
  const ends = await Promise.all(
    paths.map((path, index) =>
      workers.run(unit(index, path), async ({ matches }) => {
        texts.push(...matches.texts)
      }),
    ),
  )
  return { ends, texts: texts.sort() }
}

test('every unit is run, with the places of the rules that the coordinator knows', async () => {
  await using workers = pool()
  const seen: number[][] = []
  const ends = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      workers.run(unit(index, 'good'), async ({ matches }) => {
        seen.push(matches.rules)
      }),
    ),
  )
  expect(new Set(ends)).toEqual(new Set([undefined]))
  // The worker has them as b, a.
  expect(seen).toEqual(Array.from({ length: 20 }, () => [0, 1]))
})

test.each([
  ['dies', 'die', 'reader-failed', 60_000],
  ['hangs', 'hang', 'took-too-long', 2000],
  ['fills its memory', 'fill', 'reader-failed', 60_000],
])('a worker that %s is replaced and only its unit is given up', async (_, path, reason, silenceMs) => {
  const { ends, texts } = await runAll(['good', path, 'good', path, 'good', 'good', 'good'], { silenceMs })
  expect(ends).toEqual([undefined, reason, undefined, reason, undefined, undefined, undefined])
  expect(texts.filter((text) => text === 'good')).toHaveLength(5)
})

test('workers that never start end the units, not the hunt', async () => {
  const module = new URL('data:text/javascript,process.exit(3)')
  const { ends } = await runAll(['good', 'good', 'good'], { module })
  expect(ends).toEqual(['reader-failed', 'reader-failed', 'reader-failed'])
})

test('what the receiver throws reaches who asked', async () => {
  await using workers = pool()
  await expect(workers.run(unit(0, 'good'), () => Promise.reject(new RangeError('no room')))).rejects.toThrow(
    'no room',
  )
})
