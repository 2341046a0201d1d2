import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bpfSources, buildBpf } from '../../scripts/build-bpf.ts'
import { ensureDebianPackage } from '../debian-package.ts'

const root = new URL('../../', import.meta.url)
let folder: string

beforeAll(() => {
  ensureDebianPackage('clang-14', 'clang-14')
  ensureDebianPackage('llvm-14', 'llvm-strip-14')
  folder = mkdtempSync(join(tmpdir(), 'vedette-bpf-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('the BPF objects of the repository', () => {
  test('there are some', () => {
    expect(bpfSources()).toContain('packages/collect/src/collectors/ebpf/sensor.bpf.c')
  })

  test.each(bpfSources())('%s is what its source makes', (source) => {
    const committed = readFileSync(new URL(source.replace(/\.c$/, '.o'), root))
    const made = readFileSync(buildBpf(source, folder))
    expect(
      made.equals(committed),
      'the object is not what its source makes; type: node scripts/build-bpf.ts',
    ).toBe(true)
  })
})
