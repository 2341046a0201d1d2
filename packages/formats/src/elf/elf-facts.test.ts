import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readElf } from './elf-facts.ts'

const facts = (bytes: Uint8Array) => readElf((offset, length) => bytes.subarray(offset, offset + length))

function run(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program}: ${stderr}`)
  return stdout
}

test('says of a program what readelf says of it, linked and stripped', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-elf-'))
  try {
    const [source, program] = [join(folder, 'a.c'), join(folder, 'a')]
    writeFileSync(source, 'int main(void) { return 0; }\n')
    const flags = [
      '-Wl,--build-id=sha1',
      '-Wl,-rpath,/tmp/evil:$ORIGIN',
      '-Wl,--disable-new-dtags',
      '-Wl,--no-as-needed',
      '-lm',
    ]
    run('clang', source, '-o', program, ...flags)
    const found = facts(readFileSync(program))
    const notes = run('llvm-readelf-14', '--notes', program)
    expect(found).toEqual({
      type: 'shared',
      machine: process.arch === 'arm64' ? 'aarch64' : 'x86-64',
      bits: 64,
      stripped: false,
      interpreter: /Requesting program interpreter: (.+)\]/.exec(run('llvm-readelf-14', '-l', program))?.[1],
      build_id: /Build ID: ([0-9a-f]+)/.exec(notes)?.[1],
      needed: ['libm.so.6', 'libc.so.6'],
      rpath: '/tmp/evil:$ORIGIN',
    })
    run('llvm-strip-14', program)
    expect(facts(readFileSync(program))).toEqual({ ...found, stripped: true })
    run('clang', '-c', source, '-o', join(folder, 'a.o'))
    expect(facts(readFileSync(join(folder, 'a.o')))).toMatchObject({ type: 'relocatable', stripped: false })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('what is no program is none', () => {
  expect(facts(Buffer.from('#!/bin/sh\n'.repeat(20)))).toBeUndefined()
  expect(facts(new Uint8Array())).toBeUndefined()
  expect(facts(Buffer.from('\x7fELF'))).toBeUndefined()
})

test('any change to a program is read without a throw, within bounds', () => {
  const real = readFileSync('/usr/bin/true')
  const change = fc.tuple(fc.integer({ min: 0, max: 2048 }), fc.integer({ min: 0, max: 255 }))
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 40 }),
      fc.integer({ min: 0, max: real.length }),
      (changes, length) => {
        const bytes = Buffer.from(real.subarray(0, length))
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        let asked = 0
        const found = readElf((offset, wanted) => {
          asked += wanted
          return bytes.subarray(offset, offset + wanted)
        })
        expect(asked).toBeLessThan(4 << 20)
        for (const text of [found?.interpreter, found?.rpath, ...(found?.needed ?? [])])
          expect((text ?? '').length).toBeLessThanOrEqual(1024)
      },
    ),
    { numRuns: Number(process.env['VEDETTE_EVIL_RUNS'] ?? 2000) },
  )
})
