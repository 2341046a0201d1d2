import { lazily, libcFunction } from './libc.ts'

const CLOCK_REALTIME = 0
const CLOCK_MONOTONIC = 1
const CLOCK_BOOTTIME = 7
const SC_CLK_TCK = 2

const clockGettime = lazily(() =>
  libcFunction<(clock: number, result: Buffer) => number>('clock_gettime', 'int', ['int', 'void *']),
)

function readClockNs(clock: number): number {
  const result = Buffer.alloc(16)
  clockGettime()(clock, result)
  return Number(result.readBigInt64LE(0)) * 1e9 + Number(result.readBigInt64LE(8))
}

/** Nanoseconds since boot, the time asleep not counted (CLOCK_MONOTONIC). Exact to 1 µs for 104 days, then to 2. */
export function monotonicNs(): number {
  return readClockNs(CLOCK_MONOTONIC)
}

/** Nanoseconds since boot, the time asleep counted (CLOCK_BOOTTIME): the clock that process start times are taken from. */
export function sinceBootNs(): number {
  return readClockNs(CLOCK_BOOTTIME)
}

/** The wall clock, milliseconds since the epoch, exact to a quarter of a microsecond. It may jump. */
export function wallClockMs(): number {
  return readClockNs(CLOCK_REALTIME) / 1e6
}

/**
 * When the machine booted, milliseconds since the epoch, by the wall clock as it stands now. Setting the wall clock
 * moves it.
 */
export function bootTimeMs(): number {
  return Date.now() - sinceBootNs() / 1e6
}

/** Clock ticks in a second, the unit of process start times: 100 on every usual machine. */
export const clockTicksPerSecond: () => number = lazily(() =>
  libcFunction<(name: number) => number>('sysconf', 'long', ['int'])(SC_CLK_TCK),
)
