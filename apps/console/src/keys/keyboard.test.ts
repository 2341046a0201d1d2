import { describe, expect, test } from 'vitest'
import { Keyboard, type Press } from './keyboard.ts'

function press(key: string, more: Partial<Press> = {}): Press {
  return {
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    inField: false,
    takesEnter: false,
    takesSpace: false,
    ...more,
  }
}

function keyboard(...layers: string[][]) {
  let now = 5000
  const keys = new Keyboard(() => now)
  const removes = layers.map((layer, at) =>
    keys.add(layer.map((each) => ({ keys: each, label: `${each} of ${at}`, run: () => {} }))),
  )
  return {
    keys,
    removes,
    later: (ms: number) => {
      now += ms
    },
    hit: (...args: Parameters<typeof press>) => keys.find(press(...args))?.label,
  }
}

describe('Keyboard', () => {
  test('the page goes before the frame, and leaves when it is left', () => {
    const { hit, removes } = keyboard(['a', '?'], ['a'])
    expect([hit('a'), hit('?')]).toEqual(['a of 1', '? of 0'])
    removes[1]?.()
    expect(hit('a')).toBe('a of 0')
  })

  test('what is added under the others gives way to them', () => {
    const { keys, hit } = keyboard(['a'])
    keys.add([{ keys: 'a', label: 'frame', run: () => {} }], true)
    expect(hit('a')).toBe('a of 0')
  })

  test('two keys in a row, within a second', () => {
    const { hit, later } = keyboard(['g a', 'a'])
    expect([hit('g'), hit('a')]).toEqual([undefined, 'g a of 0'])
    expect(hit('a')).toBe('a of 0')
    hit('g')
    later(1001)
    expect(hit('a')).toBe('a of 0')
  })

  test('letters are text in a field, and a browser key stays one', () => {
    const { hit } = keyboard(['a', 'Enter', ' '])
    expect(hit('a', { inField: true })).toBeUndefined()
    expect(hit('a', { ctrlKey: true })).toBeUndefined()
    expect(hit('A')).toBe('a of 0')
    expect(hit('Enter', { takesEnter: true })).toBeUndefined()
    expect(hit('Enter')).toBe('Enter of 0')
    expect(hit(' ', { takesSpace: true })).toBeUndefined()
    expect(hit(' ', { takesEnter: true })).toBe('  of 0')
  })
})
