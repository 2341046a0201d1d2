import { describe, expect, test } from 'vitest'
import { QueryCache } from './query-cache.ts'

/** A question whose answers the test gives. */
function question() {
  const waiting: PromiseWithResolvers<unknown>[] = []
  return {
    waiting,
    ask: () => {
      const next = Promise.withResolvers<unknown>()
      waiting.push(next)
      return next.promise
    },
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('QueryCache', () => {
  test('shows what it knows at once and the new answer when it comes', async () => {
    const cache = new QueryCache()
    const { ask, waiting } = question()
    const stop = cache.watch('a', ask, () => {})
    expect(cache.answer('a')).toEqual({ data: undefined, error: undefined, loading: true })
    waiting[0]?.resolve(1)
    await settled()
    stop()
    cache.watch('a', ask, () => {})
    expect(cache.answer('a')).toEqual({ data: 1, error: undefined, loading: true })
    waiting[1]?.resolve(2)
    await settled()
    expect(cache.answer('a')).toEqual({ data: 2, error: undefined, loading: false })
  })

  test('an answer that was overtaken is dropped', async () => {
    const cache = new QueryCache()
    const { ask, waiting } = question()
    cache.watch('a', ask, () => {})
    void cache.refresh()
    waiting[1]?.resolve('new')
    await settled()
    waiting[0]?.resolve('old')
    await settled()
    expect(cache.answer('a').data).toBe('new')
  })

  test('a failure keeps what was known', async () => {
    const cache = new QueryCache()
    const { ask, waiting } = question()
    cache.watch('a', ask, () => {})
    waiting[0]?.resolve('known')
    await settled()
    void cache.refresh()
    waiting[1]?.reject(new Error('gone'))
    await settled()
    expect(cache.answer('a')).toEqual({ data: 'known', error: new Error('gone'), loading: false })
  })

  test('refresh() asks for what is shown and forgets the rest', async () => {
    const cache = new QueryCache()
    const shown = question()
    const left = question()
    cache.watch('shown', shown.ask, () => {})
    cache.watch('left', left.ask, () => {})()
    left.waiting[0]?.resolve('left')
    shown.waiting[0]?.resolve('shown')
    await settled()
    void cache.refresh()
    expect([shown.waiting.length, left.waiting.length]).toEqual([2, 1])
    expect(cache.answer('left').data).toBeUndefined()
    expect(cache.answer('shown').data).toBe('shown')
  })

  test("refresh('live') leaves alone what is not to change by itself", () => {
    const cache = new QueryCache()
    const live = question()
    const steady = question()
    cache.watch('live', live.ask, () => {})
    cache.watch('steady', steady.ask, () => {}, false)
    void cache.refresh('live')
    expect([live.waiting.length, steady.waiting.length]).toEqual([2, 1])
    void cache.refresh()
    expect([live.waiting.length, steady.waiting.length]).toEqual([3, 2])
  })

  test('holds so many, and never drops what is shown', () => {
    const cache = new QueryCache(2)
    const asked: string[] = []
    const watch = (key: string) =>
      cache.watch(
        key,
        () => {
          asked.push(key)
          return Promise.resolve(key)
        },
        () => {},
      )
    watch('shown')
    watch('a')()
    watch('b')()
    cache.prefetch('b', () => Promise.reject(new Error('b is known')))
    cache.prefetch('a', () => {
      asked.push('a again')
      return Promise.resolve()
    })
    expect(asked).toEqual(['shown', 'a', 'b', 'a again'])
  })
})
