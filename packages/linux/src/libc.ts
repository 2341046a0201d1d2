import koffi from 'koffi'

/**
 * Binds one function of the C library that this process runs on.
 *
 * Variadic ones may be bound with fixed arguments: on the machines of Linux these travel in the same registers. But
 * `syscall` always loads a seventh argument from the stack, given or not, and the stack that foreign calls run on may end
 * right there, at the edge of mapped memory: so it is bound with all seven, the missing ones zero.
 */
export function libcFunction<F extends (...args: never[]) => unknown>(
  name: string,
  result: string,
  parameters: readonly string[],
): F {
  library ??= koffi.load(null)
  const padding = name === 'syscall' ? Array.from({ length: 7 - parameters.length }, () => 0) : []
  const types = [...parameters, ...padding.map(() => 'long')]
  const call = library.func(name, result, types) as (...args: unknown[]) => unknown
  const bound = padding.length === 0 ? call : (...args: unknown[]) => call(...args, ...padding)
  return bound as unknown as F
}

/**
 * Binds a system call for which the C library may have no function of its own.
 *
 * @param number from the part of the table that all machines share, 424 and above
 */
export function systemCall<Args extends readonly unknown[]>(
  number: number,
  parameters: readonly string[],
): (...args: Args) => number {
  const call = libcFunction<(number: number, ...args: unknown[]) => number>('syscall', 'long', [
    'long',
    ...parameters,
  ])
  return (...args) => call(number, ...args)
}

let library: ReturnType<typeof koffi.load> | undefined

/** Makes a binding at its first use, so that importing a file does nothing. One for each thread. */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

/** A system call that the kernel refused. `code` is the name of its error number, such as `EPERM`. */
export class SystemCallError extends Error {
  readonly code: string
  readonly syscall: string

  constructor(syscall: string, what: string, code: string) {
    super(`Cannot ${what}: ${syscall} answered ${code}`)
    this.name = 'SystemCallError'
    this.code = code
    this.syscall = syscall
  }
}

/** Name of the error number that the last foreign call of this thread left. Ask right after the call. */
export function errorName(): string {
  return errorNameOf(koffi.errno())
}

/** Name of an error number, such as `EPERM`. */
export function errorNameOf(number: number): string {
  names ??= new Map(
    // The first name wins where two share a number (EAGAIN and EWOULDBLOCK, ENOTSUP and EOPNOTSUPP).
    Object.entries(koffi.os.errno)
      .toReversed()
      .map(([name, value]) => [value, name]),
  )
  return names.get(number) ?? `error ${number}`
}

let names: Map<number, string> | undefined

/** The error of the call that just failed. `what` completes the sentence `Cannot ...`. */
export function systemCallError(syscall: string, what: string): SystemCallError {
  return new SystemCallError(syscall, what, errorName())
}

const close = lazily(() => libcFunction<(fd: number) => number>('close', 'int', ['int']))

/**
 * Closes a descriptor that a foreign call opened. (`fs.closeSync` warns in a worker of descriptors that `fs` did not
 * open.)
 */
export function closeDescriptor(fd: number): void {
  close()(fd)
}
