import { lazily, libcFunction } from './libc.ts'

/** sysconf(3), bits/confname.h. */
const SC_PAGESIZE = 30

/** Bytes of a page of memory: 4096 on x86, also 16384 and 65536 on arm64. */
export const pageBytes = lazily(() =>
  libcFunction<(name: number) => number>('sysconf', 'long', ['int'])(SC_PAGESIZE),
)
