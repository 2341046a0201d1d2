import { closeSync, openSync, readFileSync, statSync } from 'node:fs'
import type { BpfLink, BpfVariables } from '@vedette/linux'
import {
  BpfObject,
  MappedRing,
  readProcessStat,
  SystemCallError,
  threadId,
  trimMemory,
  waitForRunningPrograms,
  WakeUp,
} from '@vedette/linux'
import { CallCounts } from './call-counts.ts'
import { CallSequences } from './call-sequences.ts'
import { type EbpfConfig, toldKinds } from './config.ts'
import { kindCalls } from './kind-calls.ts'
import { type KindName, kindNames, KINDS, kinds, socketKinds } from './kinds.ts'
import type { KindSwitches } from './messages.ts'
import { NamedCalls } from './named-calls.ts'
import { runs32BitPrograms } from './programs-of-32-bit.ts'
import { namespaceNames } from './records/exec-detail.ts'
import { roomLimits } from './priorities.ts'
import type { Learnt } from './watch-table.ts'

const O_PATH = 0o10000000
const S_IFMT = 0o170000
const S_IFDIR = 0o040000

type Program =
  | 'process_exec'
  | 'process_fork'
  | 'process_exit'
  | 'socket_state'
  | 'socket_unanswered'
  | 'module_loaded'
  | 'uring_submit'
  | 'call_counted'
  | 'signal_sent'

/** Programs that not every kernel has a place for: program -> tracepoint. */
export const optional = {
  module_loaded: 'module_load',
  uring_submit: 'io_uring_submit_req',
  signal_sent: 'signal_generate',
  socket_unanswered: 'tcp_retransmit_skb',
} as const

/** The compiled sensor.bpf.c. */
export function sensorFile(): Uint8Array {
  return readFileSync(new URL('sensor.bpf.o', import.meta.url))
}

/** The sensor in the kernel: its programs, rings and counters. Belongs to one thread. */
export class Sensor implements Disposable {
  readonly processes: MappedRing
  readonly bulk: MappedRing
  readonly inodes
  readonly names
  readonly filter: Uint32Array
  readonly #object: BpfObject
  readonly #variables: BpfVariables
  readonly #emitted: BigUint64Array
  readonly #lost: BigUint64Array
  readonly #wakeUp: WakeUp
  readonly #wakeArmed: Uint32Array
  readonly #enabled: Uint32Array
  /** What it was set to. */
  readonly #switched = new Uint32Array(KINDS)
  readonly #newTasks: BigUint64Array
  readonly #attached = new Map<Program, BpfLink>()
  /** Programs that ran at any time. */
  readonly #ran = new Set<string>()
  readonly #everyCall: boolean
  /** Once system calls were watched: those of the names that are asked for, or nothing where all of them are looked at. */
  #named: NamedCalls | 'every' | undefined
  readonly #byName: Uint32Array
  readonly #seen32Bit: Uint32Array
  /** The program at the end of every system call, which few need and takes the kernel long to verify; and where it runs. */
  #every: BpfObject | undefined
  #everyLink: BpfLink | undefined
  #watchesFiles = false
  readonly counts: CallCounts
  readonly sequences: CallSequences
  #stopped = false

  /** Loads the programs and starts those that need no watch. @throws as `BpfObject.load` and `attach` */
  constructor(config: EbpfConfig) {
    this.#object = BpfObject.load({
      file: sensorFile(),
      optional,
      without: ['system_call', ...(config.watch_every_call ? ['named_call'] : [])],
      maxEntries: { process_ring: config.process_ring_bytes, bulk_ring: config.ring_bytes },
    })
    // To relocate the programs took libbpf some ten mebibytes.
    trimMemory()
    this.#variables = this.#object.variables('.bss')
    this.#emitted = this.#variables.u64('emitted')
    this.#lost = this.#variables.u64('lost')
    this.processes = new MappedRing(this.#object.map('process_ring'))
    this.bulk = new MappedRing(this.#object.map('bulk_ring'))
    this.inodes = this.#object.map('watched_inodes')
    this.filter = this.#variables.u32('watched_filter')
    this.names = this.#object.map('watched_names')
    this.#wakeUp = new WakeUp([this.processes.fd, this.bulk.fd])
    this.#wakeArmed = this.#variables.u32('wake_armed')
    this.#variables.u64('wake_bytes')[0] = BigInt(config.ring_bytes / 4)
    this.#variables.u32('home_mnt_ns')[0] = hostMountNamespace()
    const ignored = this.#object.map('ignored')
    for (const pid of [...config.ignored_pids, ...(config.ignore_self ? [process.pid] : [])]) {
      const stat = readProcessStat(pid)
      if (!stat) continue
      const entry = new DataView(new ArrayBuffer(12))
      entry.setUint32(0, pid, true)
      entry.setBigUint64(4, BigInt(stat.startTicks), true)
      ignored.set(new Uint8Array(entry.buffer, 0, 4), new Uint8Array(entry.buffer, 4, 8))
    }
    // Who could write there could hide.
    ignored.freeze()
    this.counts = new CallCounts(this.#object.map('call_counts'))
    this.sequences = new CallSequences(this.#object.map('call_sequences'), this.#variables.u32('followed'))
    this.#variables.u32('home_namespaces').set(namespaceNames.map(hostNamespace))
    this.#variables.u64('home_capabilities')[0] = hostCapabilities()
    const limits = this.#variables.u64('room_limits')
    for (const [kind, bytes] of roomLimits(this.processes.size, this.bulk.size))
      limits[kinds[kind]] = BigInt(bytes)
    this.#variables.u64('send_pause')[0] = BigInt(config.send_seconds) * 1_000_000_000n
    const guarded = this.#object.map('guarded_names')
    for (const name of config.guarded_names) guarded.set(taskName(name), new Uint8Array([1, 0, 0, 0]))
    this.#enabled = this.#variables.u32('enabled')
    this.#newTasks = this.#variables.u64('new_tasks')
    this.#everyCall = config.watch_every_call
    this.#byName = this.#variables.u32('calls_by_name')
    this.#seen32Bit = this.#variables.u32('seen_32_bit')
    for (const name of ['process_exec', 'process_fork', 'process_exit'] as const) this.#attach(name)
    this.tell(toldKinds(config))
  }

  /** Tells kinds of records from now on, or no more. Those not named stay as they are. @throws {CodedError} `bpf-attach` */
  tell(switches: KindSwitches): void {
    for (const name of kindNames) {
      const on = switches[name]
      if (on !== undefined) this.#switched[kinds[name]] = Number(on)
    }
    // What looks for a path belongs to what was found.
    if (switches.file !== undefined) this.#switched[kinds.path] = Number(switches.file)
    this.#enabled.set(this.#switched)
    if (socketKinds.some((name) => this.#tells(name))) this.#attach('socket_state')
    if (this.#tells('connect')) this.#attach('socket_unanswered')
    if (this.#tells('load_module')) this.#attach('module_loaded')
    if (this.#tells('io_uring')) this.#attach('uring_submit')
    this.watchStarts()
    if (this.#tells('signal')) this.#attach('signal_sent')
    this.#watchCalls()
  }

  #tells(name: KindName): boolean {
    return this.#enabled[kinds[name]] === 1
  }

  /** Starts a program that does not run yet. */
  #attach(name: Program): void {
    if (this.#attached.has(name) || this.#object.leftOut.has(name)) return
    this.#attached.set(name, this.#object.attach(name))
    this.#ran.add(name)
  }

  #detach(name: Program): void {
    this.#attached.get(name)?.[Symbol.dispose]()
    this.#attached.delete(name)
  }

  /** Lets the program at the start of every system call run while anybody needs it, and no longer. */
  watchStarts(): void {
    if (this.#tells('count_calls') || this.sequences.size > 0) {
      this.#attach('call_counted')
      return
    }
    this.#detach('call_counted')
  }

  get countsCalls(): boolean {
    return this.#tells('count_calls')
  }

  /** Whether there are files that are watched. Without any, and without the kind, their calls are not looked at. */
  watchFiles(areAny: boolean): void {
    if (areAny === this.#watchesFiles) return
    this.#watchesFiles = areAny
    this.#watchCalls()
  }

  /** Whether `learn` finds anything out. */
  get canLearn(): boolean {
    return this.#tells('file') && this.#watchesFiles
  }

  /** Whether each system call of everybody is looked at, since that was asked for or the host allows nothing better. */
  get looksAtEveryCall(): boolean {
    return this.#named === 'every'
  }

  /** Watches what could not be watched yet, or need not have been. To be called again and again. */
  settle(): void {
    if (typeof this.#named !== 'object') return
    this.#named.settle()
    if (this.#seen32Bit[0] === 1 && !this.#every) this.#watchCalls()
  }

  /** Looks at the end of the system calls that what is told is about, which slows each of them a little. */
  #watchCalls(): void {
    const names = new Set<string>()
    for (const kind of kindNames) {
      if (!this.#tells(kind) || (kind === 'file' && !this.#watchesFiles)) continue
      for (const name of kindCalls[kind] ?? []) names.add(name)
    }
    const isAny = names.size > 0
    if (this.#named === undefined && isAny) this.#named = this.#nameCalls(names)
    if (typeof this.#named === 'object') this.#named.watch(names)
    if (isAny && (this.#named === 'every' || this.#seen32Bit[0] === 1)) {
      this.#every ??= BpfObject.load({
        file: sensorFile(),
        programs: ['system_call'],
        sharing: this.#object,
      })
      this.#everyLink ??= this.#every.attach('system_call')
    } else {
      this.#everyLink?.[Symbol.dispose]()
      this.#everyLink = undefined
    }
    if (!this.canLearn || this.#variables.u64('home_root_ino')[0] !== 0n) return
    const root = this.learn('/')
    this.#variables.u32('home_root_dev')[0] = root?.device ?? 0
    this.#variables.u64('home_root_ino')[0] = root?.inode ?? 0n
  }

  /** Tries to watch calls by name, and whether that works. */
  #nameCalls(names: ReadonlySet<string>): NamedCalls | 'every' {
    if (this.#everyCall) return 'every'
    let named: NamedCalls | undefined
    this.#byName[0] = 1
    try {
      named = new NamedCalls(this.#object)
      named.watch(new Set([...names, 'openat']))
      if (this.learn('/') !== undefined) {
        if (runs32BitPrograms()) this.#seen32Bit[0] = 1
        return named
      }
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error
    }
    this.#byName[0] = 0
    named?.watch(new Set())
    return 'every'
  }

  /** Asks to be woken by the next record that cannot wait. Holds for one wake-up. */
  arm(): void {
    Atomics.store(this.#wakeArmed, 0, 1)
  }

  /** Sleeps until a record that cannot wait is there, or the time is over. True for such a record. */
  sleep(timeoutMs: number): boolean {
    return this.#wakeUp.sleep(timeoutMs)
  }

  /** What the kernel calls the file at a path. Only while `canLearn`. Throws as `open` does. */
  learn(path: string): Learnt | undefined {
    const count = this.#variables.u32('learnt_count')
    const thread = this.#variables.u32('learn_thread')
    const before = count[0]
    thread[0] = threadId()
    try {
      closeSync(openSync(path, O_PATH))
    } finally {
      thread[0] = 0
    }
    if (count[0] === before) return undefined
    return {
      device: this.#variables.u32('learnt_dev')[0] ?? 0,
      inode: this.#variables.u64('learnt_ino')[0] ?? 0n,
      isFolder: ((this.#variables.u32('learnt_mode')[0] ?? 0) & S_IFMT) === S_IFDIR,
    }
  }

  /** Whether a path still leads to a file. Without the programs, once they are stopped, only by the inode's number. */
  isStill(path: string, file: Pick<Learnt, 'device' | 'inode'>): boolean {
    try {
      if (this.#stopped) return statSync(path, { bigint: true }).ino === file.inode
      const now = this.learn(path)
      return now?.device === file.device && now.inode === file.inode
    } catch {
      return false
    }
  }

  emitted(type: number): number {
    return Number(this.#emitted[type])
  }

  lost(type: number): number {
    return Number(this.#lost[type])
  }

  /** New tasks that the programs saw. */
  newTasks(): number {
    return Number(this.#newTasks[0])
  }

  /** Whether somebody else switched a kind off, in the memory that the programs read. */
  isSwitchedOff(): boolean {
    const isByName = Number(typeof this.#named === 'object')
    return this.#byName[0] !== isByName || this.#switched.some((on, kind) => on !== this.#enabled[kind])
  }

  /** Records that were put into the rings since the start. */
  written(): number {
    let written = 0
    for (let type = 0; type < this.#emitted.length; type += 1) written += this.emitted(type) - this.lost(type)
    return written
  }

  /** Events that the programs never saw; see `BpfObject.missedRuns`. */
  missed(): number {
    let missed = this.#every?.missedRuns('system_call') ?? 0
    for (const name of this.#ran) missed += this.#object.missedRuns(name)
    if (typeof this.#named === 'object') missed += this.#object.missedRuns('named_call')
    return missed
  }

  /** Ends the programs. When it returns none of them runs, so the rings and counters change no more. */
  stop(): void {
    this.#stopped = true
    // The kernel lets go of the calls in its own time; until then their program does nothing.
    this.#byName[0] = 0
    this.#every?.detach()
    this.#object.detach()
    waitForRunningPrograms()
  }

  [Symbol.dispose](): void {
    this.#wakeUp[Symbol.dispose]()
    this.processes[Symbol.dispose]()
    this.bulk[Symbol.dispose]()
    this.#variables[Symbol.dispose]()
    this.#every?.[Symbol.dispose]()
    this.#object[Symbol.dispose]()
  }
}

/** That of process 1, or the own one where that may not be looked at; 0 where the kernel has none of the kind. */
function hostNamespace(name: string): number {
  for (const process of ['1', 'self']) {
    try {
      return statSync(`/proc/${process}/ns/${name}`).ino
    } catch {
      // Without CAP_SYS_PTRACE only the own ones can be seen.
    }
  }
  return 0
}

/** The most that programs of root can be given on this host: the bounding set of process 1. */
function hostCapabilities(): bigint {
  const set = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/1/status', 'latin1'))?.[1]
  return BigInt(`0x${set ?? '0'}`)
}

/** As the kernel keeps the name of a task: 15 bytes and a zero. */
function taskName(name: string): Uint8Array {
  const bytes = new Uint8Array(16)
  bytes.set(new TextEncoder().encode(name).subarray(0, 15))
  return bytes
}

/** That of process 1, since the collector may have been started with mounts of its own. */
function hostMountNamespace(): number {
  try {
    return statSync('/proc/1/ns/mnt').ino
  } catch {
    return statSync('/proc/self/ns/mnt').ino
  }
}
