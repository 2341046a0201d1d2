import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { elfSymbols } from './elf-symbols.ts'

/** Any ELF file with a symbol table of known names. */
const object = readFileSync(new URL('../../../collect/src/collectors/ebpf/sensor.bpf.o', import.meta.url))

describe('elfSymbols()', () => {
  test('finds variables and programs in their sections', () => {
    const symbols = elfSymbols(object)
    expect(symbols.get('emitted')).toMatchObject({ section: '.bss', size: 64 * 8 })
    expect(symbols.get('LICENSE')).toMatchObject({ section: 'license', offset: 0, size: 13 })
    expect(symbols.get('process_exec')?.section).toBe('tp_btf/sched_process_exec')
  })

  test.each([
    ['nothing', new Uint8Array()],
    ['a text', new TextEncoder().encode('#!/bin/sh\nexit 0\n')],
    ['a cut file', object.subarray(0, 1000)],
    ['a header alone', object.subarray(0, 64)],
  ])('refuses %s', (_, file) => {
    expect(() => elfSymbols(file)).toThrow(SyntaxError)
  })

  test('never does worse than refuse, wherever a byte is wrong', () => {
    for (let at = 0; at < 64; at += 1) {
      for (const value of [0, 0x7f, 0xff]) {
        const broken = new Uint8Array(object)
        broken[at] = value
        try {
          elfSymbols(broken)
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError)
        }
      }
    }
  })
})
