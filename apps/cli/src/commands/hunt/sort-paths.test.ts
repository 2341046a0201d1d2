import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sortPaths } from './sort-paths.ts'

test('what holds nothing but YAML is rules, where --rules was given', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-paths-'))
  try {
    const place = (name: string, ...files: string[]) => {
      mkdirSync(join(folder, name, 'sub'), { recursive: true })
      for (const file of files) writeFileSync(join(folder, name, file), '')
      return join(folder, name)
    }
    const rules = place('rules', 'a.yml', 'sub/b.yaml', 'README.md', 'sub/.gitkeep')
    const logs = place('logs', 'a.log')
    const mixed = place('mixed', 'a.yml', 'sub/a.evtx')
    const empty = place('empty')
    const file = join(rules, 'a.yml')
    const gone = join(folder, 'gone')
    expect(sortPaths(['x'], [rules, logs, mixed, empty, file, gone])).toEqual({
      rules: ['x', rules, file],
      logs: [logs, mixed, empty, gone],
    })
    expect(sortPaths(undefined, [rules, logs])).toEqual({ rules: [], logs: [rules, logs] })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
