import { lazily, libcFunction, systemCallError } from './libc.ts'

const ITIMER_REAL = 0

const setitimer = lazily(() =>
  libcFunction<(which: number, value: Buffer, before: null) => number>('setitimer', 'int', [
    'int',
    'void *',
    'void *',
  ]),
)

/**
 * Has the kernel kill this process (SIGALRM) unless this is called again in time, whatever its threads are doing then. Not
 * while it is stopped by a signal: then it is killed when it goes on.
 *
 * @param withinMs 0 calls it off
 * @throws {SystemCallError}
 */
export function dieUnlessRenewed(withinMs: number): void {
  const value = Buffer.alloc(32)
  value.writeBigInt64LE(BigInt(Math.floor(withinMs / 1000)), 16)
  value.writeBigInt64LE(BigInt((withinMs % 1000) * 1000), 24)
  if (setitimer()(ITIMER_REAL, value, null) !== 0) throw systemCallError('setitimer', 'set the timer')
}
