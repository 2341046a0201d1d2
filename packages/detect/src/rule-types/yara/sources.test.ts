import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readSources } from './sources.ts'

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'vedette-yara-')))
})
afterEach(() => rmSync(folder, { recursive: true }))

function put(path: string, text: string | Buffer): string {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

const rule = (name: string) => `rule ${name} { condition: true }\n`

describe('readSources()', () => {
  test('takes files and folders, and of folders only *.yar and *.yara', () => {
    const alone = put('alone.txt', rule('alone'))
    put('set/b.yar', rule('b'))
    put('set/deep/a.yara', rule('a'))
    put('set/notes.md', 'rule nothing')
    put('set/.git/x.yar', rule('x'))
    const { units, problems } = readSources([join(folder, 'set'), alone])
    expect(units.map(({ file }) => file)).toEqual([
      join(folder, 'set/b.yar'),
      join(folder, 'set/deep/a.yara'),
      alone,
    ])
    expect(problems).toEqual([])
  })

  test('puts includes in place, each once, and knows where everything really stands', () => {
    put('set/main.yar', `${rule('one')}include "lib/two.yar"\n${rule('three')}`)
    put('set/lib/two.yar', `// two\n${rule('two')}`)
    const { units } = readSources([join(folder, 'set')])
    expect(units).toHaveLength(1)
    const [unit] = units
    expect([...(unit?.text.matchAll(/rule (\w+)/g) ?? [])].map((found) => found[1])).toEqual([
      'one',
      'two',
      'three',
    ])
    const place = (name: string) => unit?.place(unit.text.indexOf(`rule ${name}`))
    expect(place('one')).toEqual({ file: join(folder, 'set/main.yar'), line: 1, column: 1 })
    expect(place('two')).toEqual({ file: join(folder, 'set/lib/two.yar'), line: 2, column: 1 })
    expect(place('three')).toEqual({ file: join(folder, 'set/main.yar'), line: 3, column: 1 })
  })

  test('leads nowhere outside, by dots, from the root, or through a link', () => {
    put('secret.yar', rule('secret'))
    symlinkSync('../secret.yar', join(put('set/x.yar', ''), '../link.yar'))
    put(
      'set/main.yar',
      `include "../secret.yar"\ninclude "${folder}/secret.yar"\ninclude "link.yar"\n${rule('own')}`,
    )
    const { units, problems } = readSources([join(folder, 'set')])
    expect(units.map(({ text }) => text).join('')).not.toContain('secret {')
    expect(units.map(({ text }) => text).join('')).toContain('rule own')
    expect(problems.map(({ code, line }) => [code, line])).toEqual([
      ['include-outside', 1],
      ['include-outside', 2],
      ['include-outside', 3],
    ])
  })

  test('a folder whose name only begins like a root is outside of it', () => {
    put('set-2/other.yar', rule('other'))
    put('set/main.yar', 'include "../set-2/other.yar"')
    expect(readSources([join(folder, 'set')]).problems).toMatchObject([{ code: 'include-outside' }])
    expect(readSources([join(folder, 'set'), join(folder, 'set-2')]).problems).toEqual([])
  })

  test('tells of files that are not there, of circles, and of what is no text, and goes on', () => {
    put('a.yar', `include "b.yar"\n${rule('a')}`)
    put('b.yar', `include "a.yar"\n${rule('b')}`)
    put('c.yar', `include "gone.yar"\n${rule('c')}`)
    put('d.yar', Buffer.from([0x72, 0xff, 0xfe]))
    const { units, problems } = readSources([folder, join(folder, 'nowhere')])
    expect(units.map(({ file }) => file)).toEqual([join(folder, 'a.yar'), join(folder, 'c.yar')])
    expect(new Set(problems.map(({ code }) => code))).toEqual(
      new Set(['unreadable', 'include-circle', 'include-missing']),
    )
  })

  test('a file that includes itself many times over stays small', () => {
    for (let level = 0; level < 12; level += 1) {
      put(`${level}.yar`, `${`include "${level + 1}.yar"\n`.repeat(12)}${rule(`r${level}`)}`)
    }
    put('12.yar', `// ${'x'.repeat(10_000)}\n`)
    const { units, problems } = readSources([join(folder, '0.yar')])
    expect(units).toEqual([])
    expect(problems).toMatchObject([{ code: 'file-too-large' }])
  })
})
