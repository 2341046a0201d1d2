import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lockFile } from './file-lock.ts'

const folder = mkdtempSync(join(tmpdir(), 'vedette-lock-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('lockFile()', () => {
  test('one holds it at a time', () => {
    const path = join(folder, 'one')
    const first = lockFile(path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(lockFile(path)).toBeUndefined()
    first?.[Symbol.dispose]()
    using again = lockFile(path)
    expect(again?.path).toBe(path)
  })

  test('a program started meanwhile does not hold it on', async () => {
    const path = join(folder, 'child')
    const first = lockFile(path)
    const child = spawn('/bin/sleep', ['60'])
    first?.[Symbol.dispose]()
    using again = lockFile(path)
    expect(again).toBeDefined()
    child.kill('SIGKILL')
    await once(child, 'exit')
  })

  test('a process that is killed lets go of it', async () => {
    const path = join(folder, 'killed')
    const script = `import { lockFile } from ${JSON.stringify(join(import.meta.dirname, 'file-lock.ts'))}
      globalThis.held = lockFile(${JSON.stringify(path)}); console.log('held'); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script])
    await once(child.stdout, 'data')
    expect(lockFile(path)).toBeUndefined()
    child.kill('SIGKILL')
    await once(child, 'exit')
    using again = lockFile(path)
    expect(again).toBeDefined()
  })

  test('a symbolic link is refused', () => {
    const path = join(folder, 'link')
    symlinkSync('/etc/passwd', path)
    expect(() => lockFile(path)).toThrow('ELOOP')
  })
})
