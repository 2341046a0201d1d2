import { closeSync } from 'node:fs'
import { CodedError } from '@vedette/base'
import { errorName } from '../libc.ts'
import { type ElfSymbol, elfSymbols } from './elf-symbols.ts'
import { type Pointer, libbpf } from './libbpf.ts'
import { MemoryMap, pageSize } from './memory-map.ts'
import { openTracepoint } from './trace-folder.ts'

const LOG_BYTES = 1 << 16

/** A hash or array of the kernel, shared between programs and this process. Keys and values are its raw bytes. */
export class BpfMap {
  readonly fd: number
  readonly name: string
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number

  constructor(name: string, map: Pointer) {
    this.name = name
    this.fd = libbpf().mapFd(map)
    this.keySize = libbpf().mapKeySize(map)
    this.valueSize = libbpf().mapValueSize(map)
    this.maxEntries = libbpf().mapMaxEntries(map)
  }

  /** @throws {CodedError} `bpf-map-full` or `bpf-map` */
  set(key: Uint8Array, value: Uint8Array): void {
    if (libbpf().updateElement(this.fd, key, value, 0) === 0) return
    const reason = errorName()
    throw new CodedError(
      reason === 'E2BIG' ? 'bpf-map-full' : 'bpf-map',
      `Cannot write to the BPF map ${this.name}: ${reason}`,
    )
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const value = new Uint8Array(this.valueSize)
    return libbpf().lookupElement(this.fd, key, value) === 0 ? value : undefined
  }

  /**
   * Reads all entries of a map that has a number of 64 bits for each processor, by few system calls, and calls back with
   * each key and the sum of its numbers (exact up to 2^53). The key is valid during the call only. Entries that change
   * meanwhile are read as they were before or after.
   *
   * @throws {CodedError} `bpf-map` where the kernel refuses, as before Linux 5.6
   */
  sums(visit: (key: Uint8Array, sum: number) => void): void {
    const processors = libbpf().possibleProcessors()
    const keys = new Uint8Array(this.keySize * this.maxEntries)
    const values = new BigUint64Array(processors * this.maxEntries)
    const count = new Uint32Array(1)
    let from: Uint8Array | null = null
    for (let ended = false; !ended;) {
      const next = new Uint8Array(Math.max(this.keySize, 4))
      count[0] = this.maxEntries
      const failed =
        libbpf().lookupBatch(this.fd, from, next, keys, bytesOf(values), bytesOf(count), null) !== 0
      const reason = failed ? errorName() : ''
      if (failed && reason !== 'ENOENT')
        throw new CodedError('bpf-map', `Cannot read the BPF map ${this.name}: ${reason}`)
      for (let index = 0; index < count[0]; index += 1) {
        let sum = 0
        for (let processor = 0; processor < processors; processor += 1)
          sum += Number(values[index * processors + processor])
        visit(keys.subarray(index * this.keySize, (index + 1) * this.keySize), sum)
      }
      ended = failed
      from = next
    }
  }

  /** From now on only programs may write, and no process, this one included. @throws {CodedError} `bpf-map` */
  freeze(): void {
    if (libbpf().freezeMap(this.fd) === 0) return
    throw new CodedError('bpf-map', `Cannot freeze the BPF map ${this.name}: ${errorName()}`)
  }

  /** Whether there was such a key. */
  delete(key: Uint8Array): boolean {
    return libbpf().deleteElement(this.fd, key) === 0
  }
}

/** A program that runs at its place in the kernel until this is disposed of. */
export class BpfLink implements Disposable {
  #link: Pointer

  constructor(link: Pointer) {
    this.#link = link
  }

  [Symbol.dispose](): void {
    if (this.#link === null) return
    libbpf().destroyLink(this.#link)
    this.#link = null
  }
}

export interface BpfObjectOptions {
  /** The object file, as clang made it. */
  readonly file: Uint8Array
  /** Largest number of entries (bytes, for a ring) of a map, where it is not the one that the file says. */
  readonly maxEntries?: Readonly<Record<string, number>>
  /** Programs that are left out where the kernel lacks the tracepoint that each of them needs: program -> tracepoint. */
  readonly optional?: Readonly<Record<string, string>>
  /** Programs that are loaded; else all of them but `without`. To verify one can take the kernel a second. */
  readonly programs?: readonly string[]
  readonly without?: readonly string[]
  /** An object of the same file whose maps, and so variables, this one has too. It must be disposed of after this one. */
  readonly sharing?: BpfObject
}

/**
 * Programs and maps of a compiled BPF object, loaded into the kernel. Nothing runs before it is attached. Disposing of it
 * detaches and frees everything; links and maps must not be used after that.
 */
export class BpfObject implements Disposable {
  readonly #links: BpfLink[] = []
  readonly #symbols: ReadonlyMap<string, ElfSymbol>
  #object: Pointer

  /** Programs that this kernel cannot have. */
  readonly leftOut: ReadonlySet<string>

  private constructor(
    object: Pointer,
    symbols: ReadonlyMap<string, ElfSymbol>,
    leftOut: ReadonlySet<string>,
  ) {
    this.leftOut = leftOut
    this.#object = object
    this.#symbols = symbols
  }

  /**
   * @throws {CodedError} `no-libbpf`; `bpf-load` with the kernel's reason when it refuses the object
   * @throws {SyntaxError} when the file is no ELF object
   */
  static load(options: BpfObjectOptions): BpfObject {
    const { file, maxEntries = {}, optional = {}, programs, without = [], sharing } = options
    const symbols = elfSymbols(file)
    const library = libbpf()
    const object = library.openMemory(file, file.byteLength, null)
    if (!object) throw new CodedError('bpf-load', `Cannot open the BPF object: ${errorName()}`)
    // The verifier's own words; the buffers must outlive the load.
    const logs: Uint8Array[] = []
    for (
      let program = library.nextProgram(object, null);
      program;
      program = library.nextProgram(object, program)
    ) {
      const log = new Uint8Array(LOG_BYTES)
      logs.push(log)
      library.setLogBuffer(program, log, log.byteLength)
      const name = library.programName(program)
      if (without.includes(name) || programs?.includes(name) === false) library.setAutoload(program, false)
    }
    for (const [name, entries] of Object.entries(maxEntries)) {
      library.setMaxEntries(library.findMap(object, name), entries)
    }
    const missing = kernelLacks(Object.values(optional))
    const leftOut = new Set<string>()
    for (const [name, tracepoint] of Object.entries(optional)) {
      if (!missing.has(tracepoint)) continue
      library.setAutoload(library.findProgram(object, name), false)
      leftOut.add(name)
    }
    if (sharing) share(object, sharing.#alive())
    const failed = library.load(object)
    if (failed === 0) return new BpfObject(object, symbols, leftOut)
    const reason = errorName()
    library.close(object)
    const said = logs.map(lastWords).filter((words) => words !== '')
    throw new CodedError('bpf-load', `Cannot load the BPF object: ${[reason, ...said].join('; ')}`)
  }

  /** @throws {RangeError} when the object has no such map */
  map(name: string): BpfMap {
    const map = libbpf().findMap(this.#alive(), name)
    if (!map) throw new RangeError(`The BPF object has no map ${name}`)
    return new BpfMap(name, map)
  }

  /** Starts a program at the place that its section names. @throws {CodedError} `bpf-attach` */
  attach(name: string): BpfLink {
    const link = libbpf().attach(this.#program(name))
    if (!link) throw new CodedError('bpf-attach', `Cannot attach the BPF program ${name}: ${errorName()}`)
    const attached = new BpfLink(link)
    this.#links.push(attached)
    return attached
  }

  /**
   * Lets a program of the type `tracepoint` run at a classic tracepoint as well, until `tracepoints` lets go of the slot:
   * a map of the type BPF_MAP_TYPE_PERF_EVENT_ARRAY of this object. The kernel itself ends it a while after that, since to
   * do so takes it some 50 ms each time; nobody waits for it, neither here nor when the process ends.
   *
   * @param id of the tracepoint: `TraceFolder.idOf`
   * @throws {SystemCallError} `EEXIST` where the program still runs there; then it will not be for long
   */
  attachTracepoint(name: string, id: number, tracepoints: BpfMap, slot: number): void {
    const fd = openTracepoint(id, libbpf().programFd(this.#program(name)))
    try {
      tracepoints.set(bytesOf(Uint32Array.of(slot)), bytesOf(Uint32Array.of(fd)))
    } finally {
      closeSync(fd)
    }
  }

  /**
   * How often the kernel skipped the program because it was already running on that processor: events that it never saw.
   * Zero before Linux 5.12, which does not count.
   */
  missedRuns(name: string): number {
    return Number(this.#info(name)?.getBigUint64(RECURSION_MISSES, true) ?? 0)
  }

  /**
   * How often a program ran and how long that took in all. The kernel counts only while kernel.bpf_stats_enabled is 1, and
   * its looks at the clock are in the time: some 40 ns a run.
   */
  runs(name: string): { readonly count: number; readonly nanoseconds: number } {
    const info = this.#info(name)
    return {
      count: Number(info?.getBigUint64(RUN_COUNT, true) ?? 0),
      nanoseconds: Number(info?.getBigUint64(RUN_TIME, true) ?? 0),
    }
  }

  /** struct bpf_prog_info of include/uapi/linux/bpf.h. */
  #info(name: string): DataView | undefined {
    const info = new Uint8Array(256)
    const size = new Uint8Array(4)
    new DataView(size.buffer).setUint32(0, info.byteLength, true)
    if (libbpf().objectInfo(libbpf().programFd(this.#program(name)), info, size) !== 0) return undefined
    return new DataView(info.buffer)
  }

  /** The global variables of one section (`.bss`, `.data`), live and without a system call. Dispose of it first. */
  variables(section: '.bss' | '.data'): BpfVariables {
    const map = this.map(section)
    return new BpfVariables(map.fd, map.valueSize, section, this.#symbols)
  }

  #program(name: string): Pointer {
    const program = libbpf().findProgram(this.#alive(), name)
    if (!program) throw new RangeError(`The BPF object has no program ${name}`)
    return program
  }

  #alive(): Pointer {
    if (this.#object === null) throw new TypeError('The BPF object is closed')
    return this.#object
  }

  /** Stops every program. One that has begun still runs to its end: see `waitForRunningPrograms`. */
  detach(): void {
    for (const link of this.#links) link[Symbol.dispose]()
  }

  [Symbol.dispose](): void {
    if (this.#object === null) return
    this.detach()
    libbpf().close(this.#object)
    this.#object = null
  }
}

function bytesOf({ buffer }: BigUint64Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): Uint8Array {
  return new Uint8Array(buffer)
}

/** Gives an object that is not loaded yet the maps of another one of the same file. */
function share(object: Pointer, from: Pointer): void {
  const library = libbpf()
  let own = library.nextMap(object, null)
  let other = library.nextMap(from, null)
  for (; own && other; own = library.nextMap(object, own), other = library.nextMap(from, other)) {
    if (library.reuseFd(own, library.mapFd(other)) !== 0)
      throw new CodedError('bpf-load', `Cannot share the maps of a BPF object: ${errorName()}`)
  }
}

const RUN_TIME = 192
const RUN_COUNT = 200
const RECURSION_MISSES = 208
const BTF_KIND_TYPEDEF = 8

/** Tracepoints that the running kernel does not describe: one is the type `btf_trace_NAME` there. */
function kernelLacks(tracepoints: readonly string[]): ReadonlySet<string> {
  if (tracepoints.length === 0) return new Set()
  const library = libbpf()
  const btf = library.kernelBtf()
  // Without a description nothing can be loaded; the load says so better.
  if (!btf) return new Set()
  try {
    return new Set(
      tracepoints.filter((name) => library.findType(btf, `btf_trace_${name}`, BTF_KIND_TYPEDEF) < 0),
    )
  } finally {
    library.freeBtf(btf)
  }
}

function lastWords(log: Uint8Array): string {
  const text = new TextDecoder().decode(log.subarray(0, log.indexOf(0))).trimEnd()
  return text.split('\n').slice(-3).join(' ').slice(-400)
}

/** Global variables of BPF programs, mapped into this process. Each read sees what the programs wrote last. */
export class BpfVariables implements Disposable {
  readonly #memory: MemoryMap
  readonly #section: string
  readonly #symbols: ReadonlyMap<string, ElfSymbol>

  constructor(fd: number, size: number, section: string, symbols: ReadonlyMap<string, ElfSymbol>) {
    const page = pageSize()
    this.#memory = new MemoryMap(fd, Math.ceil(size / page) * page, { writable: true })
    this.#section = section
    this.#symbols = symbols
  }

  /** A variable of 32 bits, or an array of them. */
  u32(name: string): Uint32Array {
    const { offset, size } = this.#find(name)
    return new Uint32Array(this.#memory.buffer, offset, size / 4)
  }

  /** A variable of 64 bits, or an array of them. */
  u64(name: string): BigUint64Array {
    const { offset, size } = this.#find(name)
    return new BigUint64Array(this.#memory.buffer, offset, size / 8)
  }

  #find(name: string): ElfSymbol {
    const symbol = this.#symbols.get(name)
    if (symbol?.section !== this.#section) throw new RangeError(`${this.#section} has no variable ${name}`)
    return symbol
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]()
  }
}
