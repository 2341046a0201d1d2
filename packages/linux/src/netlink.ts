import { lazily, libcFunction } from './libc.ts'

export const AF_NETLINK = 16
export const SOCK_CLOEXEC = 0o2000000
/** Bytes of a `sockaddr_nl`. */
export const SOCKADDR_BYTES = 12
export const SOL_SOCKET = 1
export const MSG_DONTWAIT = 0x40

export const socket = lazily(() =>
  libcFunction<(family: number, type: number, protocol: number) => number>('socket', 'int', [
    'int',
    'int',
    'int',
  ]),
)
export const bind = lazily(() =>
  libcFunction<(fd: number, address: Buffer, size: number) => number>('bind', 'int', [
    'int',
    'void *',
    'uint',
  ]),
)
export const setsockopt = lazily(() =>
  libcFunction<(fd: number, level: number, name: number, value: Buffer, size: number) => number>(
    'setsockopt',
    'int',
    ['int', 'int', 'int', 'void *', 'uint'],
  ),
)
export const send = lazily(() =>
  libcFunction<(fd: number, data: Buffer, size: number, flags: number) => number>('send', 'long', [
    'int',
    'void *',
    'size_t',
    'int',
  ]),
)
export const recvfrom = lazily(() =>
  libcFunction<
    (fd: number, data: Buffer, size: number, flags: number, address: Buffer, length: Buffer) => number
  >('recvfrom', 'long', ['int', 'void *', 'size_t', 'int', 'void *', 'void *']),
)
