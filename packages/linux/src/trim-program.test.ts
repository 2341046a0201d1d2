import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { trimProgram, untouchedMappings } from './trim-program.ts'

const mapping = (range: string, rights: string, path: string, figures: Record<string, number> = {}) => {
  const all = { Rss: 8, Private_Dirty: 0, Anonymous: 0, Swap: 0, ...figures }
  const lines = Object.entries(all).map(([name, value]) => `${`${name}:`.padEnd(16)}${value} kB`)
  return [`${range} ${rights} 00000000 fe:00 42    ${path}`, ...lines, 'VmFlags: rd mr mw me\n'].join('\n')
}
const range = (smaps: string) => untouchedMappings(smaps, '/opt/node').map(({ from, to }) => [from, to])

test('only what is the file itself, and nothing else, is let go', () => {
  expect(range(mapping('1000-3000', 'r-xp', '/opt/node'))).toEqual([[0x1000n, 0x3000n]])
  const kept = [
    mapping('1000-3000', 'rw-p', '/opt/node'),
    mapping('1000-3000', 'r--s', '/opt/node'),
    mapping('1000-3000', 'r-xp', '/lib/libc.so.6'),
    mapping('1000-3000', 'r-xp', '[vdso]'),
    // The loader wrote to it before it took the right to.
    mapping('1000-3000', 'r--p', '/opt/node', { Private_Dirty: 4 }),
    mapping('1000-3000', 'r--p', '/opt/node', { Anonymous: 4 }),
    // It did, and the page was written out since.
    mapping('1000-3000', 'r--p', '/opt/node', { Swap: 4 }),
  ]
  expect(range(kept.join(''))).toEqual([])
  expect(range([...kept, mapping('5000-6000', 'r--p', '/opt/node'), ...kept].join(''))).toEqual([
    [0x5000n, 0x6000n],
  ])
})

test('the program holds less, and runs on', () => {
  const resident = () => Number(/^RssFile:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1])
  const before = resident()
  trimProgram()
  expect(before - resident()).toBeGreaterThan(10_000)
  // Something of the compiler, of regular expressions and of the library of languages.
  expect(runInNewContext('(a) => a.replace(/x+/u, "y")')('xx')).toBe('y')
  expect(new Intl.NumberFormat('de').format(1234.5)).toBe('1.234,5')
})
