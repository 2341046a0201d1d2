import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockFolder } from './folder-lock.ts'

test('a folder is held once, by this process or another, and free after it is let go', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-lock-'))
  const other = () => {
    const code = `import { lockFolder } from ${JSON.stringify(new URL('./folder-lock.ts', import.meta.url).href)}
      try { lockFolder(${JSON.stringify(folder)}); process.exit(0) } catch (error) { process.exit(error.code === 'folder-in-use' ? 7 : 1) }`
    return spawnSync(process.execPath, ['--input-type=module', '--eval', code]).status
  }
  const lock = lockFolder(folder)
  expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'folder-in-use' }))
  expect(other()).toBe(7)
  lock[Symbol.dispose]()
  expect(other()).toBe(0)
  lockFolder(folder)[Symbol.dispose]()
  rmSync(folder, { recursive: true })
})
