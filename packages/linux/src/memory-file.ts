import { lazily, libcFunction, systemCallError } from './libc.ts'

const memfdCreate = lazily(() =>
  libcFunction<(name: string, flags: number) => number>('memfd_create', 'int', ['str', 'uint']),
)
const MFD_CLOEXEC = 1

/**
 * Makes a file that only memory holds, memfd_create(2), and gives its descriptor, which the caller closes. A program that
 * is started meanwhile does not inherit it.
 *
 * @param name shown in /proc as `memfd:name`; at most 249 bytes
 * @throws {SystemCallError}
 */
export function createMemoryFile(name: string): number {
  const fd = memfdCreate()(name, MFD_CLOEXEC)
  if (fd < 0) throw systemCallError('memfd_create', `make the memory file ${name}`)
  return fd
}
