import { readFileSync } from 'node:fs'
import { lazily, libcFunction } from './libc.ts'

/** madvise(2), `MADV_DONTNEED`. */
const DONT_NEED = 4

const madvise = lazily(() =>
  libcFunction<(address: bigint, size: bigint, advice: number) => number>('madvise', 'int', [
    'uintptr_t',
    'size_t',
    'int',
  ]),
)

/**
 * Lets go of the pages of the program itself, of which the start needs most and the rest of a run few. They are the file's
 * own and stay in the page cache; one that is used again is mapped again by a short fault. Takes a few milliseconds: call it
 * when a start is over.
 */
export function trimProgram(): void {
  for (const { from, to } of untouchedMappings(
    readFileSync('/proc/self/smaps', 'latin1'),
    process.execPath,
  )) {
    madvise()(from, to - from, DONT_NEED)
  }
}

/**
 * Mappings of a file that are what the file says and can be nothing else: not writable now, and without a page that was
 * written to before, such as by the loader. Of libraries nothing is said, since one may be loaded at this moment.
 *
 * @param smaps as proc_pid_smaps(5) has it
 */
export function untouchedMappings(
  smaps: string,
  file: string,
): readonly { readonly from: bigint; readonly to: bigint }[] {
  const found: { readonly from: bigint; readonly to: bigint }[] = []
  for (const part of smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
    const [head = ''] = part.split('\n', 1)
    const [, from, to, rights, path] = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \S+ +(.+)$/.exec(head) ?? []
    if (path !== file || rights?.includes('w') !== false || !rights.endsWith('p')) continue
    const own = ['Private_Dirty', 'Anonymous', 'Swap'].every((name) =>
      new RegExp(`^${name}: +0 kB$`, 'm').test(part),
    )
    if (own) found.push({ from: BigInt(`0x${from}`), to: BigInt(`0x${to}`) })
  }
  return found
}
