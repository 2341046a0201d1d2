import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { keyIdOf, openText, sealText } from './sealed-text.ts'
import { aboutOf, SealingKey } from './sealing-key.ts'

const key = new SealingKey(Buffer.alloc(32, 7))
const about = aboutOf('second_factors', 'secret', 'ours', 'ann')

describe('a sealing key', () => {
  test('opens what it sealed, with the same words about it', () => {
    expect(key.open(key.seal(Buffer.from('plain'), about), about).toString()).toBe('plain')
  })

  test('never seals the same twice the same way', () => {
    expect(key.seal(Buffer.from('plain'), about)).not.toEqual(key.seal(Buffer.from('plain'), about))
  })

  test('refuses every single byte that was changed, a cut, other words about it, and another key', () => {
    const sealed = key.seal(Buffer.from('plain'), about)
    const refused = expect.objectContaining({ code: 'sealed-altered' })
    for (let at = 0; at < sealed.length; at += 1) {
      const altered = Buffer.from(sealed)
      altered.writeUInt8(altered.readUInt8(at) ^ 1, at)
      expect(() => key.open(altered, about)).toThrow(refused)
      expect(() => key.open(sealed.subarray(0, at), about)).toThrow(refused)
    }
    expect(() => key.open(sealed, aboutOf('second_factors', 'secret', 'ours', 'bob'))).toThrow(refused)
    expect(() => SealingKey.make().open(sealed, about)).toThrow(refused)
  })

  test('wraps another one, and nothing prints either', () => {
    const other = SealingKey.make()
    const again = key.unwrap(key.wrap(other, about), about)
    expect(again.id).toBe(other.id)
    expect(again.open(other.seal(Buffer.from('plain'), about), about).toString()).toBe('plain')
    expect(`${inspect(key, { depth: 9, showHidden: true })}${JSON.stringify(key)}`).not.toMatch(/07 ?07|BwcH/)
  })

  test('what is bound has one form for each list of words', () => {
    expect(aboutOf('a', 'b,c')).not.toEqual(aboutOf('a,b', 'c'))
    expect(aboutOf('a","b')).not.toEqual(aboutOf('a', 'b'))
  })
})

describe('a sealed text', () => {
  test('names its key and nothing else of what is in it', () => {
    const sealed = sealText(key, 'JBSWY3DPEHPK3PXP', about)
    expect(keyIdOf(sealed)).toBe(key.id)
    expect(sealed).not.toContain('JBSWY3')
    expect(openText(key, sealed, about)).toBe('JBSWY3DPEHPK3PXP')
  })

  test.each(['JBSWY3DPEHPK3PXP', '', 'sealed:1:', `sealed:1:${'a'.repeat(16)}:`, 'sealed:2:aa:bb'])(
    '%j is none',
    (text) => {
      expect(keyIdOf(text)).toBeUndefined()
      expect(() => openText(key, text, about)).toThrow(expect.objectContaining({ code: 'sealed-altered' }))
    },
  )
})
