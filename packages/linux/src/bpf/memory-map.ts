import koffi from 'koffi'
import { lazily, libcFunction, systemCallError } from '../libc.ts'

const PROT_READ = 1
const PROT_WRITE = 2
const MAP_SHARED = 1
const MAP_FAILED = 0xffff_ffff_ffff_ffffn
const SC_PAGESIZE = 30

type Mmap = (
  at: null,
  length: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
) => bigint

const mmap = lazily(() =>
  libcFunction<Mmap>('mmap', 'void *', ['void *', 'size_t', 'int', 'int', 'int', 'int64_t']),
)
const munmap = lazily(() =>
  libcFunction<(at: bigint, length: number) => number>('munmap', 'int', ['void *', 'size_t']),
)

/** Size of a page of memory, bytes. */
export const pageSize: () => number = lazily(() =>
  libcFunction<(name: number) => number>('sysconf', 'long', ['int'])(SC_PAGESIZE),
)

/**
 * A file descriptor's memory, shared with whoever else has mapped it. After it is disposed of `buffer` must not be
 * touched any more: the process would die.
 */
export class MemoryMap implements Disposable {
  readonly buffer: ArrayBuffer
  readonly #address: bigint
  readonly #length: number
  #mapped = true

  /** @throws {SystemCallError} */
  constructor(fd: number, length: number, options: { readonly offset?: number; readonly writable: boolean }) {
    const protection = options.writable ? PROT_READ | PROT_WRITE : PROT_READ
    const address = mmap()(null, length, protection, MAP_SHARED, fd, options.offset ?? 0)
    if (BigInt.asUintN(64, address) === MAP_FAILED) {
      throw systemCallError('mmap', `map ${length} bytes of descriptor ${fd}`)
    }
    this.#address = address
    this.#length = length
    this.buffer = koffi.view(address, length)
  }

  [Symbol.dispose](): void {
    if (!this.#mapped) return
    this.#mapped = false
    munmap()(this.#address, this.#length)
  }
}
