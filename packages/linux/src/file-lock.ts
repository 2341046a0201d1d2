import { closeSync, constants, openSync } from 'node:fs'
import { errorName, lazily, libcFunction, SystemCallError } from './libc.ts'

const LOCK_EX = 2
const LOCK_NB = 4

const flock = lazily(() =>
  libcFunction<(fd: number, operation: number) => number>('flock', 'int', ['int', 'int']),
)

/** A lock that is held until it is disposed of or the process ends, however it ends. */
export interface FileLock extends Disposable {
  readonly path: string
}

/**
 * Takes the exclusive lock of a file, which is made (mode 0600) when it is missing; undefined when somebody else holds it.
 * A program started meanwhile does not inherit it. The file stays when the lock is given back: removing it would let two
 * hold locks of two files of the same name.
 *
 * @throws when the file cannot be opened, or is a symbolic link
 */
export function lockFile(path: string): FileLock | undefined {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
  if (flock()(fd, LOCK_EX | LOCK_NB) !== 0) {
    const code = errorName()
    closeSync(fd)
    if (code === 'EAGAIN' || code === 'EWOULDBLOCK') return undefined
    throw new SystemCallError('flock', `lock ${path}`, code)
  }
  let held = true
  return {
    path,
    [Symbol.dispose]() {
      if (!held) return
      held = false
      closeSync(fd)
    },
  }
}
