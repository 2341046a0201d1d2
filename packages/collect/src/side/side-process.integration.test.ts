import type { CodedError } from '@vedette/base'
import { readProcessStat } from '@vedette/linux'
import { afterEach, expect, test } from 'vitest'
import { SideProcess, type SideProcessOptions } from './side-process.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
})

function start(options: SideProcessOptions = {}): SideProcess {
  const side = new SideProcess(options)
  open.push(side)
  return side
}

/** A job that does what it is told. */
function job(side: SideProcess, data: unknown = 'a') {
  const heard: { readonly order: string; readonly data: unknown; readonly pid: number }[] = []
  const ended = Promise.withResolvers<CodedError>()
  const opened = side.open({
    module: new URL('./testing/told.worker.ts', import.meta.url),
    data,
    hear: (message) => heard.push(message as (typeof heard)[number]),
    ended: ended.resolve,
  })
  return {
    heard,
    ended: ended.promise,
    [Symbol.dispose]: () => opened[Symbol.dispose](),
    tell: (order: string, ms = 0) => opened.tell({ order, ms }),
    async echo() {
      const before = heard.length
      await opened.tell({ order: 'echo' })
      await expect.poll(() => heard.length, { timeout: 30_000, interval: 10 }).toBe(before + 1)
      return heard.at(-1)
    },
  }
}

const isGone = (pid: number | undefined) => pid === undefined || readProcessStat(pid) === undefined

test('jobs share one process, which is there only as long as one of them is', async () => {
  const side = start()
  expect(side.pid).toBeUndefined()
  const first = job(side)
  const second = job(side, ['b'])
  const { pid } = side
  expect(await first.echo()).toEqual({ order: 'echo', data: 'a', pid })
  expect(await second.echo()).toEqual({ order: 'echo', data: ['b'], pid })
  first[Symbol.dispose]()
  expect(await second.echo()).toMatchObject({ pid })
  second[Symbol.dispose]()
  expect(side.pid).toBeUndefined()
  await expect.poll(() => isGone(pid), { timeout: 10_000, interval: 10 }).toBe(true)
})

test('one that spins is killed, its jobs are told, and the next one has another process', async () => {
  const troubles: string[] = []
  const side = start({ onTrouble: (...trouble) => troubles.push(trouble.join(' ')), longestSilenceMs: 2500 })
  const [spinning, beside] = [job(side), job(side)]
  const { pid } = side
  await spinning.echo()
  await spinning.tell('spin')
  expect(await spinning.ended).toMatchObject({ code: 'side-stuck' })
  expect(await beside.ended).toMatchObject({ code: 'side-stuck' })
  expect(troubles).toEqual([expect.stringMatching(/^stuck .* gave no sign of life for \d+ s$/)])
  await expect.poll(() => isGone(pid), { timeout: 10_000, interval: 10 }).toBe(true)
  const next = job(side)
  expect((await next.echo())?.pid).not.toBe(pid)
})

test('one that works without a break and says so is left alone', async () => {
  const side = start({ longestSilenceMs: 2500 })
  const working = job(side)
  const { pid } = side
  await working.tell('work', 4000)
  await expect
    .poll(() => working.heard, { timeout: 30_000, interval: 10 })
    .toMatchObject([{ order: 'work', pid }])
})

test('one that ends by itself is told as failed; a job that cannot begin ends alone', async () => {
  const troubles: string[] = []
  const side = start({ onTrouble: (cause) => troubles.push(cause) })
  const [going, refused] = [job(side), job(side, 'refuse')]
  expect(await refused.ended).toMatchObject({ code: 'side-failed', message: 'it does not want to' })
  await going.echo()
  await going.tell('exit')
  expect(await going.ended).toMatchObject({
    code: 'side-failed',
    message: expect.stringContaining('exit code 3'),
  })
  expect(troubles).toEqual(['failed'])
})
