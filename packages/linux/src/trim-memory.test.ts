import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { libcFunction } from './libc.ts'
import { trimMemory } from './trim-memory.ts'

/** Of this process, KiB. */
const resident = (): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1])

test('what was freed is given back', () => {
  const malloc = libcFunction<(size: number) => bigint>('malloc', 'uintptr_t', ['size_t'])
  const free = libcFunction<(at: bigint) => void>('free', 'void', ['uintptr_t'])
  const memset = libcFunction<(at: bigint, value: number, size: number) => bigint>('memset', 'uintptr_t', [
    'uintptr_t',
    'int',
    'size_t',
  ])
  // Pieces below the size from which the library asks the kernel for each one, so that it keeps them when they are freed.
  const SIZE = 100_000
  const pieces = Array.from({ length: 600 }, () => malloc(SIZE))
  for (const piece of pieces) memset(piece, 1, SIZE)
  // The last one is kept: what lies below it is not at the end of the heap.
  for (const piece of pieces.slice(0, -1)) free(piece)
  const before = resident()
  trimMemory()
  expect(before - resident()).toBeGreaterThan(30_000)
  free(pieces.at(-1) as bigint)
})
