/**
 * Promise: no regular expression of a rule takes more than 50 ms on any 64 KiB of text. Every expression of SigmaHQ's rules is
 * put to texts that are made of it: each of its characters over and over, what it says and parts of that over and over,
 * and its characters in no order, from a fixed seed.
 *
 *   npm run bench -- regex [--seed 1] [--save]
 */
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compileRegex } from '@vedette/detect'
import { parse } from 'yaml'
import { report } from './figures.ts'

const TEXT_UNITS = 65_536
const corpora = fileURLToPath(new URL('../../shared/corpora/', import.meta.url))
const { values: flags } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, save: { type: 'boolean' } },
})

let state = Number(flags.seed)
/** From 0 to below `n` (a linear congruential generator). */
function below(n: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
  return state % n
}

function* expressionsIn(value: unknown, key: string): Generator<{ key: string; pattern: string }> {
  if (Array.isArray(value)) {
    for (const one of value) yield* expressionsIn(one, key)
  } else if (typeof value === 'object' && value !== null) {
    for (const [inner, part] of Object.entries(value)) yield* expressionsIn(part, inner)
  } else if (/\|re(\||$)/.test(key)) {
    yield { key, pattern: String(value) }
  }
}

function repeated(text: string): string {
  return text.repeat(Math.ceil(TEXT_UNITS / text.length)).slice(0, TEXT_UNITS)
}

function* textsFor(pattern: string): Generator<string> {
  const plain = pattern
    .replaceAll(/\\[dws]/gi, 'a1 ')
    .replaceAll(/\\(.)/g, '$1')
    .replaceAll(/[\^$*+?()[\]{}|]/g, '')
  const characters = [...new Set(`aA1 /-"'\\.\n${plain}`)]
  for (const character of characters) yield repeated(character)
  for (let length = 2; length <= plain.length; length *= 2) {
    yield repeated(plain.slice(0, length))
    yield repeated(plain.slice(-length))
  }
  if (plain !== '') yield repeated(plain)
  for (let n = 0; n < 4; n += 1) {
    let text = ''
    while (text.length < TEXT_UNITS) text += characters[below(characters.length)] ?? ''
    yield text
  }
}

const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-'))
try {
  const { status, stderr } = spawnSync('tar', ['-xf', join(corpora, 'sigma.tgz'), '-C', folder])
  if (status !== 0) throw new Error(`cannot unpack the rules: ${String(stderr)}`)
  const figures = { expressions: 0, texts: 0, v8: 0, re2: 0, worstMs: 0, worstFirstMs: 0, worst: '' }
  for (const file of globSync('sigma/rules*/**/*.yml', { cwd: folder })) {
    const rule = parse(readFileSync(join(folder, file), 'utf8')) as { readonly detection?: unknown }
    for (const { key, pattern } of expressionsIn(rule.detection, '')) {
      const modifiers = key.split('|').slice(1)
      const regex = compileRegex(pattern, {
        ignoreCase: modifiers.includes('i'),
        multiline: modifiers.includes('m'),
        dotAll: modifiers.includes('s'),
      })
      figures.expressions += 1
      figures[regex.engine] += 1
      for (const text of textsFor(pattern)) {
        figures.texts += 1
        const times = [0, 1, 2, 3].map(() => {
          const start = performance.now()
          regex.test(text)
          return performance.now() - start
        })
        figures.worstFirstMs = Math.max(figures.worstFirstMs, Math.round(times[0] ?? 0))
        const again = Math.min(...times)
        if (again <= figures.worstMs) continue
        figures.worstMs = Math.round(again * 10) / 10
        figures.worst = pattern
      }
    }
  }
  report('regex', figures)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
