import { execFileSync } from 'node:child_process'

const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)

/** What a script of `act` may use, beside Node itself. */
const prelude = `
  import { closeSync, mkdirSync, openSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
  import { spawn, spawnSync } from 'node:child_process'
  import { errorName, libcFunction } from ${url('../../../../linux/src/libc.ts')}
  import { MemoryMap } from ${url('../../../../linux/src/bpf/memory-map.ts')}
  const numbers = {
    x64: { add_key: 248, keyctl: 250, userfaultfd: 323, init_module: 175, finit_module: 313, delete_module: 176, bpf: 321,
      perf_event_open: 298, pivot_root: 155, capset: 126, process_vm_writev: 311, process_vm_readv: 310, clone: 56,
      memfd_create: 319, getpid: 39, getppid: 110 },
    arm64: { add_key: 217, keyctl: 219, userfaultfd: 282, init_module: 105, finit_module: 273, delete_module: 106, bpf: 280,
      perf_event_open: 241, pivot_root: 41, capset: 91, process_vm_writev: 271, process_vm_readv: 270, clone: 220,
      memfd_create: 279, getpid: 172, getppid: 173 },
  }[process.arch]
  Object.assign(numbers, { io_uring_setup: 425, io_uring_enter: 426, open_tree: 428, move_mount: 429, fsopen: 430 })
  const bound = new Map()
  /** syscall(2): buffers go as pointers, texts as C strings, numbers as they are. The negative error name on failure. */
  function call(name, ...args) {
    const types = args.map((arg) => (typeof arg === 'string' ? 'str' : arg === null || ArrayBuffer.isView(arg) ? 'void *' : 'int64_t'))
    const key = name + types
    if (!bound.has(key)) bound.set(key, libcFunction('syscall', 'int64_t', ['int64_t', ...types]))
    const result = Number(bound.get(key)(numbers[name], ...args))
    return result < 0 ? errorName() : result
  }
  /** A function of the C library. */
  function c(name, result, types, ...args) {
    const value = libcFunction(name, result, types)(...args)
    return value === -1 ? errorName() : value
  }
`

/**
 * For tests: does something in a process of its own, by real system calls. The script gets `call(name, ...args)`,
 * `c(function, result, types, ...args)` and some of Node, and hands back `say(...)`d values.
 */
export function act<T>(script: string): { readonly pid: number; readonly said: T } {
  const [program, ...rest] = actCommand(script)
  const text = execFileSync(program, rest, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  })
  return JSON.parse(text) as { pid: number; said: T }
}

/** For tests: the same as a command, which writes to standard output what `act` gives. */
export function actCommand(script: string): readonly [program: string, ...args: string[]] {
  const text = `${prelude}
  let said
  const say = (value) => { said = value }
  ${script}
  writeFileSync(1, JSON.stringify({ pid: process.pid, said }))`
  return [process.execPath, '--input-type=module', '-e', text]
}
