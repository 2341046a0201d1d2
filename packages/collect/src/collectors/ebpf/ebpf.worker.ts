import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { CodedError } from '@vedette/base'
import { sinceBootNs, tasksMade, wallClockMs } from '@vedette/linux'
import type { FileAccessRecord, KernelRecord } from '@vedette/model'
import type { Followed } from './call-sequences.ts'
import { type Command, type Report, Shared, type WorkerStart } from './messages.ts'
import { kindNames, kinds } from './kinds.ts'
import { Losing } from './losing.ts'
import { PathCalls } from './path-call.ts'
import { Chunk, head } from './records/chunk.ts'
import { Decoder } from './records/decoder.ts'
import { decodeFile, fileLayout, isUnresolved } from './records/files.ts'
import { Sensor } from './sensor.ts'
import { StoppedPrograms } from './stopped-programs.ts'
import { WatchTable } from './watch-table.ts'

/*
 * The thread that empties the sensor's rings. It sleeps in epoll_wait, not in the event loop: so it wakes within a tenth
 * of a millisecond, nothing else can hold it up, and commands are fetched by hand.
 */

const TICK_MS = 10
/**
 * After each wake-up the next one is not wanted for so long: a wake-up costs the process that caused it 8 µs, and each turn
 * of the main thread more than the record that it is about. Where records come faster than so many a millisecond, longer
 * and longer: there they come in time anyhow, and it would cost the most.
 */
const NAP_MS = 2
const LONGEST_NAP_MS = 10
const BUSY_PER_MS = 0.25
const nap = new Int32Array(new SharedArrayBuffer(4))
const LOOK_AGAIN_MS = 1000
/** How often counts of system calls are told. */
const COUNT_MS = 5000
/** How often it is looked whether the programs still run as they were told to. */
const PROGRAMS_MS = 1000
/** How often it is looked whether something is being lost. */
const LOSSES_MS = 250
const CHUNK_BYTES = 512 * 1024
const STOP_DEADLINE_MS = 2000

const port = parentPort
if (!port) throw new TypeError('ebpf.worker.ts runs as a worker thread')

function report(message: Report, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer)
}

class Drain {
  readonly #sensor: Sensor
  readonly #shared: Shared
  readonly #watch: WatchTable
  readonly #decoder = new Decoder()
  readonly #paths: PathCalls
  readonly #unwatch = new Map<number, () => void>()
  #taken = 0
  #napMs = NAP_MS
  #countAtMs = 0
  #counted = 0
  #lookAtMs = 0
  #mayLookAtMs = 0
  #lookSoon = false
  #unreadable = ''
  readonly #losing: Losing
  #lossesAtMs = 0
  readonly #stopped: StoppedPrograms
  #programsAtMs = 0

  constructor(sensor: Sensor, start: WorkerStart) {
    this.#sensor = sensor
    this.#stopped = new StoppedPrograms({ seen: () => sensor.newTasks(), made: tasksMade })
    this.#losing = new Losing(kindNames, (kind) => sensor.lost(kinds[kind]))
    this.#shared = new Shared(start.shared)
    this.#watch = new WatchTable((path) => sensor.learn(path), sensor.inodes, sensor.names, sensor.filter)
    this.#paths = new PathCalls(this.#decoder, (path) => this.#watch.concerns(path))
    for (const path of start.config.watch_paths) this.#watch.add(path, false)
    for (const path of start.config.watch_reads) this.#watch.add(path, true)
    this.#lookAgain()
  }

  run(): void {
    for (;;) {
      Atomics.add(this.#shared.turns, 0, 1)
      const before = this.#taken
      // Records that come between the last look and the sleep wake it at once.
      this.#sensor.arm()
      while (this.#drain(1));
      const woken = this.#sensor.sleep(TICK_MS)
      for (let got = receiveMessageOnPort(port!); got; got = receiveMessageOnPort(port!)) {
        const command = got.message as Command
        if (command.type === 'stop') {
          this.#stop()
          return
        }
        this.#obey(command)
      }
      while (this.#drain(1));
      if (woken) {
        const isBusy = this.#taken - before > BUSY_PER_MS * this.#napMs
        this.#napMs = isBusy ? Math.min(2 * this.#napMs, LONGEST_NAP_MS) : NAP_MS
        Atomics.wait(nap, 0, 0, this.#napMs)
      }
      if (performance.now() > (this.#lookSoon ? this.#mayLookAtMs : this.#lookAtMs)) this.#lookAgain()
      if (this.#sensor.countsCalls && performance.now() > this.#countAtMs) this.#count()
      this.#sensor.settle()
      this.#lookAtPrograms()
      this.#publish()
    }
  }

  /** @throws {CodedError} `ebpf-stopped`; whoever runs this starts the programs anew, and says so */
  #lookAtPrograms(): void {
    const nowMs = performance.now()
    if (nowMs < this.#programsAtMs) return
    this.#programsAtMs = nowMs + PROGRAMS_MS
    const what = this.#stopped.look()
      ? 'The programs in the kernel do not run any more'
      : this.#sensor.isSwitchedOff()
        ? 'What the programs in the kernel tell was changed'
        : undefined
    if (what !== undefined) throw new CodedError('ebpf-stopped', `${what}, and not by the agent`)
  }

  #obey(command: Exclude<Command, { type: 'stop' }>): void {
    if (command.type === 'follow' || command.type === 'unfollow' || command.type === 'sequence') {
      this.#follow(command)
      return
    }
    if (command.type === 'kinds') {
      const counted = this.#sensor.countsCalls
      this.#sensor.tell(command.kinds)
      if (counted && !this.#sensor.countsCalls) this.#count(true)
    } else if (command.type === 'watch') {
      this.#unwatch.set(command.id, this.#watch.add(command.path, true))
    } else {
      this.#unwatch.get(command.id)?.()
      this.#unwatch.delete(command.id)
    }
    this.#lookAgain()
    report({ type: 'obeyed', id: command.id })
  }

  #follow({ type, id, of }: Extract<Command, { readonly of: Followed }>): void {
    const { sequences } = this.#sensor
    try {
      if (type === 'follow') sequences.follow(of)
      else if (type === 'unfollow') sequences.unfollow(of)
      this.#sensor.watchStarts()
      report({ type: 'obeyed', id, ...(type === 'sequence' && { sequence: sequences.read(of) }) })
    } catch (error) {
      report({ type: 'obeyed', id, error: error instanceof Error ? error.message : String(error) })
    }
  }

  /** Tells what was counted since the last time. */
  #count(isLast = false): void {
    this.#countAtMs = performance.now() + COUNT_MS
    const resolved = this.#sensor.counts.read(wallClockMs())
    if (isLast) this.#sensor.counts.clear()
    if (resolved.length === 0) return
    this.#counted += resolved.length
    this.#publish()
    report({
      type: 'records',
      processes: undefined,
      bulk: undefined,
      resolved,
      bootTimeMs: this.#decoder.bootTimeMs,
    })
  }

  /**
   * Hands on what is in the rings now, a chunk of each at most. True when that was not all; what came in the meantime does
   * not count, or a steady stream would be handed on in crumbs.
   *
   * @param rings how many times the size of a ring may be on the way to the main thread. What is beyond that waits in the
   *   ring, and what then finds the ring full is counted there.
   */
  #drain(rings: number): boolean {
    const { processes, bulk } = this.#sensor
    // A state of both rings at one moment: what one process did stays together, and merging by time puts it in order.
    let processesTo = processes.produced()
    let bulkTo = bulk.produced()
    for (let turn = 0; turn < 5; turn += 1) {
      const again = processes.produced()
      if (again === processesTo) break
      processesTo = again
      bulkTo = bulk.produced()
    }
    const { inFlight } = this.#shared
    const processBytes =
      Atomics.load(inFlight, 0) < rings * processes.size
        ? processes.take(processesTo, CHUNK_BYTES)
        : undefined
    // A process must be known before what it did.
    const mayTakeBulk = processes.position >= processesTo && Atomics.load(inFlight, 1) < rings * bulk.size
    const bulkBytes = mayTakeBulk ? bulk.take(bulkTo, CHUNK_BYTES) : undefined
    if (!processBytes && !bulkBytes) return false
    const isMore = processes.position < processesTo || bulk.position < bulkTo
    if (processBytes) this.#taken += count(processBytes)
    const resolved: KernelRecord[] = []
    if (bulkBytes) {
      const chunk = new Chunk(bulkBytes)
      chunk.each((at) => {
        this.#taken += 1
        if (isUnresolved(chunk, at)) this.#resolve(chunk, at, resolved)
      })
    }
    // Before they can be delivered they must have been counted.
    this.#publish()
    Atomics.add(inFlight, 0, processBytes?.byteLength ?? 0)
    Atomics.add(inFlight, 1, bulkBytes?.byteLength ?? 0)
    report(
      {
        type: 'records',
        processes: processBytes,
        bulk: bulkBytes,
        resolved,
        bootTimeMs: this.#decoder.bootTimeMs,
      },
      [processBytes, bulkBytes].flatMap((bytes) => (bytes ? [bytes.buffer] : [])),
    )
    return isMore
  }

  #resolve(chunk: Chunk, at: number, to: KernelRecord[]): void {
    const record =
      chunk.words[at + head.type] === kinds.path
        ? this.#paths.resolve(chunk, at, performance.now())
        : this.#otherName(chunk, at)
    if (!record) {
      this.#shared.extra[1] = (this.#shared.extra[1] ?? 0) + 1
      return
    }
    if (record.operation !== 'attributes') this.#lookSoon = true
    to.push(record)
  }

  /** A watched file that was opened by another name of it: a hard link, or the target of a link. */
  #otherName(chunk: Chunk, at: number): FileAccessRecord | undefined {
    const record = decodeFile(chunk, at, this.#decoder)
    const device = chunk.words[at + fileLayout.device] ?? 0
    const inode = BigInt(record.inode ?? 0)
    const path = this.#watch.pathOf(device, inode)
    if (path === undefined || path === record.path) return record
    // Was the file replaced, and its number given to another, since the table was made?
    return this.#sensor.isStill(path, { device, inode }) ? { ...record, path } : undefined
  }

  #lookAgain(): void {
    const startMs = performance.now()
    this.#lookSoon = false
    this.#lookAtMs = startMs + LOOK_AGAIN_MS
    this.#decoder.bootTimeMs = bootTimeMs()
    this.#sensor.watchFiles(!this.#watch.empty)
    if (this.#sensor.canLearn || this.#watch.empty) this.#watch.refresh()
    // At most a tenth of the time, however much is going on in watched folders.
    const endMs = performance.now()
    this.#mayLookAtMs = endMs + 9 * (endMs - startMs)
    this.#shared.extra[0] = this.#sensor.missed()
    const { unreadable, full } = this.#watch
    const state = `${full}${unreadable.join('\0')}`
    if (state === this.#unreadable) return
    this.#unreadable = state
    report({ type: 'unreadable', paths: unreadable, full })
  }

  #publish(): void {
    const nowMs = performance.now()
    if (nowMs > this.#lossesAtMs) {
      this.#lossesAtMs = nowMs + LOSSES_MS
      const losing = this.#losing.look(nowMs)
      if (losing) report({ type: 'losing', kinds: losing })
    }
    for (const type of Object.values(kinds)) {
      this.#shared.emitted[type] =
        this.#sensor.emitted(type) + (type === kinds.count_calls ? this.#counted : 0)
      this.#shared.lost[type] = this.#sensor.lost(type)
    }
  }

  #stop(): void {
    this.#sensor.stop()
    const deadlineMs = performance.now() + STOP_DEADLINE_MS
    while (this.#drain(Infinity) || (this.#taken < this.#sensor.written() && performance.now() < deadlineMs));
    if (this.#sensor.countsCalls) this.#count(true)
    this.#shared.extra[0] = this.#sensor.missed()
    this.#publish()
  }
}

function count(bytes: Uint8Array<ArrayBuffer>): number {
  let records = 0
  new Chunk(bytes).each(() => {
    records += 1
  })
  return records
}

/** The wall clock at boot, good to microseconds: of several readings the one during which least time went by. */
function bootTimeMs(): number {
  let best = { widthNs: Infinity, bootMs: 0 }
  for (let turn = 0; turn < 5; turn += 1) {
    const beforeNs = sinceBootNs()
    const wallMs = wallClockMs()
    const widthNs = sinceBootNs() - beforeNs
    if (widthNs < best.widthNs) best = { widthNs, bootMs: wallMs - (beforeNs + widthNs / 2) / 1e6 }
  }
  return best.bootMs
}

function work(start: WorkerStart): void {
  using sensor = new Sensor(start.config)
  const drain = new Drain(sensor, start)
  report({ type: 'ready', everyCall: sensor.looksAtEveryCall })
  drain.run()
}

try {
  work(workerData as WorkerStart)
  report({ type: 'ended' })
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'ebpf-failed'
  report({ type: 'failed', code, message: error instanceof Error ? error.message : String(error) })
}
