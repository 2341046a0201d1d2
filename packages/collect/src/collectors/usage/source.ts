import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { KeptProcFile, parsePressure } from '@vedette/linux'
import type { ProcessIdentity, UsageRecord } from '@vedette/model'
import { type Emit, pause, type Source } from '../../kernel/source.ts'
import type { BaselineOptions } from './baseline.ts'
import { type CgroupSample, Cgroups, type PressureOf } from './cgroups.ts'
import type { UsageConfig } from './config.ts'
import { Episodes, type Turn } from './episodes.ts'
import { Habits } from './habits.ts'
import { numberAfter } from './number-after.ts'
import {
  cgroupOf,
  countSockets,
  descriptorLimit,
  Processes,
  type ProcessSample,
  proportionalMemory,
} from './processes.ts'

type Resource = UsageRecord['resource']

/** What is measured of, and what is said of it. */
interface Subject {
  /** Tells it from all others, for as long as it is there. */
  readonly key: string
  /** What its habits are known by. */
  readonly habit: string
  readonly process?: ProcessIdentity
  readonly cgroup?: string
}

interface Measure {
  readonly resource: Resource
  readonly of?: PressureOf
  readonly value: number
  /** The least that counts as high. */
  readonly least: number
  /** High whatever is usual. */
  readonly ceiling: number
  readonly forS: number
  readonly limit?: number | undefined
}

/** Of a deviation: what is usual to a hair is not left by a hair. */
const LEAST_DEVIATION = 0.02
const MIB = 1 << 20
const MAX_EPISODES = 2048
/** Pause as a multiple of the processor time before it: looking takes 2 % of a processor at most. */
const REST_RATIO = 49
const SAVE_MS = 600_000
/** Fewer descriptors than this are never too many. */
const FEW_DESCRIPTORS = 32
/** Of what there is: nobody gets used to a host of which so much is taken. */
const NEARLY_ALL = 0.9

/**
 * Measures what processes, cgroups and the host use, learns what is usual, and tells of what is high and when that is over.
 */
export class UsageSource implements Source {
  readonly #config: UsageConfig
  readonly #stateFile: string | undefined
  readonly #processes: Processes
  readonly #cgroups: Cgroups
  readonly #habits: Habits
  readonly #episodes = new Episodes(MAX_EPISODES)
  readonly #host: Readonly<Record<PressureOf, KeptProcFile | undefined>>
  readonly #memory = KeptProcFile.open('/proc/meminfo')
  readonly #cpus = availableParallelism()
  /** Keys of subjects that are high: what `normal` is told of when they end. */
  readonly #high = new Map<string, { readonly subject: Subject; readonly measure: Measure }>()
  readonly #descriptorLimits = new Map<
    number,
    { readonly limit: number | undefined; readonly look: number }
  >()
  #memoryTotal = 0
  #looks = 0
  #records: UsageRecord[] = []

  constructor(config: UsageConfig, stateFile?: string) {
    this.#config = config
    this.#stateFile = stateFile
    this.#processes = new Processes(config.max_processes)
    this.#cgroups = new Cgroups(config.max_cgroups)
    this.#habits = new Habits(config.max_baselines)
    this.#host = {
      cpu: KeptProcFile.open('/proc/pressure/cpu'),
      memory: KeptProcFile.open('/proc/pressure/memory'),
      io: KeptProcFile.open('/proc/pressure/io'),
    }
    if (stateFile !== undefined) this.#habits.load(stateFile)
  }

  async run(emit: Emit, signal: AbortSignal): Promise<void> {
    let savedMs = performance.now()
    while (!signal.aborted) {
      const { records, cpuMs } = await this.#lookInTurns(signal)
      // A process or cgroup that there is no room for is one that is not watched: a loss, each time.
      const leftOut = this.#processes.missed + this.#cgroups.missed + this.#episodes.takeRefused()
      if (records.length > 0 || leftOut > 0) emit(records, leftOut, 'left_out')
      if (performance.now() - savedMs >= SAVE_MS) {
        savedMs = performance.now()
        this.#save()
      }
      await pause(Math.max(this.#config.interval_ms, cpuMs * REST_RATIO), signal)
    }
    this.#save()
  }

  /** Measures everything once. @returns what is to be told */
  look(timeMs: number): UsageRecord[] {
    for (const _ of this.#steps(timeMs)) continue
    return this.#records
  }

  /** The same, so that whatever else there is to do on this thread has its turn each millisecond or so. */
  async #lookInTurns(
    signal: AbortSignal,
  ): Promise<{ readonly records: readonly UsageRecord[]; readonly cpuMs: number }> {
    const steps = this.#steps(Date.now())
    let cpuUs = 0
    for (;;) {
      const before = process.threadCpuUsage()
      const { done } = steps.next()
      const { user, system } = process.threadCpuUsage(before)
      cpuUs += user + system
      // An end is not held up by it; what was measured by then counts.
      if (done === true || signal.aborted) return { records: this.#records, cpuMs: cpuUs / 1000 }
      await setImmediate()
    }
  }

  *#steps(timeMs: number): Generator<undefined, void> {
    this.#looks += 1
    this.#records = []
    this.#readMemory()
    const now = () => performance.now()
    const count = yield* this.#processes.look(
      now,
      (sample) => this.#process(sample, timeMs),
      (identity) => this.#ended(keyOf(identity), timeMs),
    )
    yield* this.#cgroups.look(
      now,
      (sample) => this.#cgroup(sample, timeMs),
      (path) => this.#ended(`cgroup ${path}`, timeMs),
    )
    this.#hostOf(count, timeMs)
    this.#habits.learn(timeMs)
  }

  [Symbol.dispose](): void {
    this.#processes[Symbol.dispose]()
    this.#cgroups[Symbol.dispose]()
    this.#memory?.[Symbol.dispose]()
    for (const file of Object.values(this.#host)) file?.[Symbol.dispose]()
  }

  #process(sample: ProcessSample, timeMs: number): void {
    const { high } = this.#config
    const { identity, memoryBytes, ioBytesPerSecond, descriptors } = sample
    const subject: Subject = { key: keyOf(identity), habit: `program ${sample.program}`, process: identity }
    this.#judge(subject, this.#cpu(sample.cpuCores), timeMs)
    const memory = this.#memoryOf(memoryBytes, this.#memoryTotal)
    // What processes share is counted in full for each: those of a database look larger than they are.
    const own = memoryBytes > memory.least ? proportionalMemory(identity.pid) : undefined
    this.#judge(subject, own === undefined ? memory : { ...memory, value: own }, timeMs)
    if (ioBytesPerSecond !== undefined) this.#judge(subject, this.#io(ioBytesPerSecond), timeMs)
    if (descriptors === undefined || descriptors < FEW_DESCRIPTORS) return
    const limit = this.#descriptorLimit(identity.pid)
    const least = (limit ?? Infinity) * (high.descriptors.percent / 100)
    const { for_s: forS } = high.descriptors
    this.#judge(
      subject,
      { resource: 'descriptors', value: descriptors, least, ceiling: least, forS, limit },
      timeMs,
    )
    const few = descriptors <= high.sockets.count && !this.#episodes.isHigh(`${subject.key} sockets`)
    this.#judge(subject, this.#sockets(few ? 0 : countSockets(identity.pid)), timeMs)
  }

  #cgroup(sample: CgroupSample, timeMs: number): void {
    const { path, cpuCores, memoryBytes, memoryLimitBytes, ioBytesPerSecond, processes, processLimit } =
      sample
    const subject: Subject = { key: `cgroup ${path}`, habit: `cgroup ${path}`, cgroup: path }
    if (cpuCores !== undefined) this.#judge(subject, this.#cpu(cpuCores), timeMs)
    if (memoryBytes !== undefined) {
      const most = Math.min(memoryLimitBytes ?? Infinity, this.#memoryTotal)
      this.#judge(subject, this.#memoryOf(memoryBytes, most), timeMs)
    }
    if (ioBytesPerSecond !== undefined) this.#judge(subject, this.#io(ioBytesPerSecond), timeMs)
    if (processes !== undefined) this.#judge(subject, this.#count(processes, processLimit), timeMs)
    for (const [of, value] of Object.entries(sample.pressure) as [PressureOf, number][]) {
      this.#judge(subject, this.#pressure(of, value), timeMs)
    }
  }

  #hostOf(processes: number, timeMs: number): void {
    const subject: Subject = { key: 'host', habit: 'host' }
    this.#judge(subject, this.#count(processes, undefined), timeMs)
    for (const [of, file] of Object.entries(this.#host) as [PressureOf, KeptProcFile | undefined][]) {
      const text = file?.read()
      const value = text === undefined ? undefined : parsePressure(text)
      if (value !== undefined) this.#judge(subject, this.#pressure(of, value), timeMs)
    }
  }

  #cpu(value: number): Measure {
    const { cores, for_s: forS } = this.#config.high.cpu
    return { resource: 'cpu', value, least: cores, ceiling: Math.max(cores, NEARLY_ALL * this.#cpus), forS }
  }

  #memoryOf(value: number, limit: number): Measure {
    const { percent, for_s: forS } = this.#config.high.memory
    const least = limit * (percent / 100)
    return { resource: 'memory', value, least, ceiling: Math.max(least, NEARLY_ALL * limit), forS, limit }
  }

  #io(value: number): Measure {
    const { mib_per_s: rate, for_s: forS } = this.#config.high.io
    return { resource: 'io', value, least: rate * MIB, ceiling: Infinity, forS }
  }

  #sockets(value: number): Measure {
    const { count, for_s: forS } = this.#config.high.sockets
    return { resource: 'sockets', value, least: count, ceiling: Infinity, forS }
  }

  #count(value: number, limit: number | undefined): Measure {
    const { count, for_s: forS } = this.#config.high.processes
    const least = Math.min(count, NEARLY_ALL * (limit ?? Infinity))
    return { resource: 'processes', value, least, ceiling: Math.max(least, 10 * count), forS, limit }
  }

  #pressure(of: PressureOf, value: number): Measure {
    const { percent, for_s: forS } = this.#config.high.pressure
    return { resource: 'pressure', of, value, least: percent, ceiling: 100, forS }
  }

  #judge(subject: Subject, measure: Measure, timeMs: number): void {
    const { resource, of, value, least, ceiling, forS } = measure
    const name = of === undefined ? resource : `${resource} ${of}`
    const key = `${subject.key} ${name}`
    const habit = `${subject.habit} ${name}`
    const options = this.#options(Number.isFinite(least) ? least : 1)
    const baseline = this.#habits.get(habit)
    const known = baseline?.isKnown(options) === true
    const spread = Math.max(baseline?.deviation ?? 0, LEAST_DEVIATION * options.scale)
    const threshold = known
      ? Math.min(Math.max(least, baseline.mean + this.#config.deviations * spread), ceiling)
      : least
    const turn = this.#episodes.observe(key, { value, threshold }, timeMs, 1000 * forS)
    this.#habits.note(habit, value, options)
    if (turn === undefined) return
    const deviations = known ? Math.max(0, (turn.value - baseline.mean) / spread) : undefined
    if (turn.activity === 'high') this.#high.set(key, { subject, measure })
    else this.#high.delete(key)
    this.#tell(subject, measure, turn, timeMs, {
      threshold,
      ...(deviations !== undefined && { deviations: rounded(deviations) }),
      baseline: {
        state: known ? 'known' : 'learning',
        mean: rounded(baseline?.mean ?? 0),
        deviation: rounded(baseline?.deviation ?? 0),
        samples: baseline?.samples ?? 0,
      },
    })
  }

  #tell(
    { process, cgroup }: Subject,
    { resource, of, limit }: Measure,
    { activity, value, durationMs }: Turn,
    timeMs: number,
    judged: Pick<UsageRecord, 'threshold' | 'deviations' | 'baseline'>,
  ): void {
    const group = process === undefined ? cgroup : cgroupOf(process.pid)
    this.#records.push({
      source: 'usage',
      timeMs,
      activity,
      resource,
      ...(of !== undefined && { pressure_of: of }),
      ...(process !== undefined && { subject: process }),
      ...(group !== undefined && { cgroup: group.slice(0, 4096) }),
      value: rounded(value),
      ...(limit !== undefined &&
        Number.isFinite(limit) && { limit, percent: rounded((100 * value) / Math.max(1, limit)) }),
      ...judged,
      threshold: rounded(judged.threshold),
      duration_ms: Math.max(0, Math.round(durationMs)),
    })
  }

  /** What was high of a subject that is gone is over. */
  #ended(subjectKey: string, timeMs: number): void {
    for (const [key, { subject, measure }] of this.#high) {
      if (subject.key !== subjectKey) continue
      this.#high.delete(key)
      const turn = this.#episodes.end(key, timeMs)
      if (turn === undefined) continue
      this.#tell(subject, measure, turn, timeMs, {
        threshold: Number.isFinite(measure.least) ? measure.least : 0,
        baseline: { state: 'learning', mean: 0, deviation: 0, samples: 0 },
      })
    }
    this.#episodes.forget(subjectKey)
  }

  #descriptorLimit(pid: number): number | undefined {
    const known = this.#descriptorLimits.get(pid)
    if (known !== undefined && this.#looks - known.look < 12) return known.limit
    if (this.#descriptorLimits.size > 4096) this.#descriptorLimits.clear()
    const limit = descriptorLimit(pid)
    this.#descriptorLimits.set(pid, { limit, look: this.#looks })
    return limit
  }

  #options(scale: number): BaselineOptions {
    const { learn_samples: learnSamples, half_life_h: hours, drift_percent_per_day: drift } = this.#config
    return { learnSamples, halfLifeMs: hours * 3_600_000, driftPerDay: drift / 100, scale }
  }

  #readMemory(): void {
    const text = this.#memory?.read()
    if (text !== undefined) this.#memoryTotal = numberAfter(text, 'MemTotal:') * 1024
  }

  #save(): void {
    if (this.#stateFile === undefined) return
    try {
      this.#habits.save(this.#stateFile)
    } catch {
      // A full disk: what is usual is learnt again after the next start.
    }
  }
}

function keyOf({ pid, startTicks }: ProcessIdentity): string {
  return `process ${pid} ${startTicks}`
}

/** Three digits behind the point: more is noise. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
