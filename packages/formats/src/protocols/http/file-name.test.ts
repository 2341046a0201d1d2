import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fileName } from './file-name.ts'

test.each([
  ['attachment; filename="a b.txt"', 'a b.txt'],
  ['attachment; filename=a.txt', 'a.txt'],
  ['inline;FILENAME = "a\\"b;c.txt"; size=1', 'a"b;c.txt'],
  ['attachment; filename="a.txt', 'a.txt'],
  ['attachment; filename="plain"; filename*=UTF-8\'\'na%c3%afve.txt', 'naïve.txt'],
  ["attachment; filename*=iso-8859-1'en'%A3.txt", '£.txt'],
  ['attachment; filename="../../etc/passwd"', '../../etc/passwd'],
  ['attachment', undefined],
  ['attachment; filename=""', undefined],
  ['attachment; myfilename="a"', undefined],
])('%s', (disposition, name) => {
  expect(fileName(disposition)).toBe(name)
})

test('any text gives a name or none', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (rest) => {
      expect((fileName(`a; filename${rest}`) ?? '').length).toBeLessThan(256)
    }),
  )
})
