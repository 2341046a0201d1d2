import { existsSync, globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/**
 * The arrows of ARCHITECTURE.md: who may import whom. A new package gets its line here and there.
 */
const ground = ['base', 'linux', 'model', 'formats']
const arrows: Record<string, readonly string[]> = {
  base: [],
  linux: ['base'],
  model: ['base'],
  formats: ['base', 'model'],
  collect: ground,
  normalise: ground,
  detect: ground,
  intel: ground,
  respond: ground,
  correlate: ['base', 'model'],
  store: ['base', 'model'],
  manager: [...ground, 'collect', 'normalise', 'detect', 'intel', 'respond', 'correlate', 'store'],
  client: ['model'],
  console: ['model', 'client'],
}
const anything = new Set(['agent', 'server', 'cli'])

const root = fileURLToPath(new URL('..', import.meta.url))

interface Import {
  readonly from: string
  readonly file: string
  readonly specifier: string
  readonly typeOnly: boolean
}

const IMPORT =
  /^\s*(?:import|export)\s+(type\s)?[^'"`;]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|^\s*import\s+['"]([^'"]+)['"]/gm

export function importsOf(text: string): { specifier: string; typeOnly: boolean }[] {
  return [...text.matchAll(IMPORT)].map((m) => ({
    specifier: m[2] ?? m[3] ?? m[4] ?? '',
    typeOnly: m[1] !== undefined,
  }))
}

const files = globSync('{packages,apps}/*/src/**/*.{ts,tsx}', { cwd: root })
const imports: Import[] = files.flatMap((file) => {
  const from = file.split('/')[1] ?? ''
  return importsOf(readFileSync(`${root}/${file}`, 'utf8')).map((found) => ({ from, file, ...found }))
})

/** What breaks the arrows, as `file -> specifier`. */
export function violations(found: readonly Import[]): string[] {
  return found
    .filter(({ from, file, specifier, typeOnly }) => {
      if (specifier.startsWith('.')) {
        // A path that climbs out of its own package.
        const depth = file.split('/').length - 3
        return (specifier.match(/\.\.\//g) ?? []).length >= depth && !file.includes('/test/')
      }
      const target = /^@vedette\/([^/]+)(\/.*)?$/.exec(specifier)
      if (!target) return false
      const to = target[1] ?? ''
      if (to === from) return true // inside a package import the file itself
      if (anything.has(from)) return false
      if (from === 'console' && to === 'model') return !typeOnly
      return !(arrows[from] ?? []).includes(to)
    })
    .map(({ file, specifier }) => `${file} -> ${specifier}`)
}

test.each(['ARCHITECTURE.md', 'CONTRIBUTING.md', 'README.md'])('%s names files that are there', (page) => {
  const named = [
    ...readFileSync(`${root}/${page}`, 'utf8').matchAll(
      /`((?:packages|apps|content|test|bench|scripts|docs)\/[^`<>*\s]+)`/g,
    ),
  ]
  expect(named.map((found) => found[1] ?? '').filter((path) => !existsSync(`${root}/${path}`))).toEqual([])
})

describe('the arrows of the house', () => {
  test('every package and app has its line', () => {
    const rooms = new Set(files.map((file) => file.split('/')[1] ?? ''))
    expect([...rooms].filter((room) => !(room in arrows) && !anything.has(room))).toEqual([])
  })

  test('no import goes against them', () => {
    expect(imports.length).toBeGreaterThan(10)
    expect(violations(imports)).toEqual([])
  })

  test('only linux calls foreign functions', () => {
    expect(imports.filter(({ from, specifier }) => specifier === 'koffi' && from !== 'linux')).toEqual([])
  })

  test('a stage that imports a stage is found', () => {
    const wrong = {
      from: 'detect',
      file: 'packages/detect/src/a.ts',
      specifier: '@vedette/store',
      typeOnly: false,
    }
    expect(violations([wrong])).toEqual(['packages/detect/src/a.ts -> @vedette/store'])
  })
})
