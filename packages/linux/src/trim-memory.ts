import { lazily, libcFunction } from './libc.ts'

const mallocTrim = lazily(() => {
  try {
    return libcFunction<(pad: number) => number>('malloc_trim', 'int', ['size_t'])
  } catch {
    // Only the GNU C library has it.
    return undefined
  }
})

/**
 * Gives memory that was allocated outside of the JavaScript heap and freed again back to the kernel, malloc_trim(3). The
 * library keeps it otherwise. Takes a few milliseconds: call it after something big that will not come again soon.
 */
export function trimMemory(): void {
  mallocTrim()?.(0)
}
