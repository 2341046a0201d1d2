import { lazily, libcFunction } from '../libc.ts'

const SYS_MEMBARRIER: Readonly<Record<string, number>> = { x64: 324, arm64: 283 }
const MEMBARRIER_CMD_GLOBAL = 1

const membarrier = lazily(() =>
  libcFunction<(number: number, command: number, flags: number, cpu: number) => number>('syscall', 'long', [
    'long',
    'int',
    'int',
    'int',
  ]),
)

/**
 * Waits until every BPF program that was running when it was called has ended. Detaching does not: a program that has
 * begun on another processor goes on. membarrier(2) with MEMBARRIER_CMD_GLOBAL waits for a grace period of RCU, inside of
 * which programs at tracepoints run. Takes some ten milliseconds, and blocks.
 *
 * @returns false where the kernel refuses (it runs with `nohz_full`)
 */
export function waitForRunningPrograms(): boolean {
  const number = SYS_MEMBARRIER[process.arch]
  return number !== undefined && membarrier()(number, MEMBARRIER_CMD_GLOBAL, 0, 0) === 0
}

const SYS_GETTID: Readonly<Record<string, number>> = { x64: 186, arm64: 178 }
const gettid = lazily(() => libcFunction<(number: number) => number>('syscall', 'long', ['long']))

/** Number of the calling thread, gettid(2). */
export function threadId(): number {
  return gettid()(SYS_GETTID[process.arch] ?? 186)
}
