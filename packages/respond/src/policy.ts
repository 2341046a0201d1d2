import { globSync } from 'node:fs'
import { matchesGlob } from 'node:path'
import { fileStatus, listPids, type ProcessInfo, type ProcessStat, readProcessStat } from '@vedette/linux'
import type { ProcessTarget } from '@vedette/model'

export interface PolicyOptions {
  /** Executable files whose processes are left alone; `*` stands for names. */
  readonly neverTouch: readonly string[]
  /** Vedette's own: with each of these processes all that descend from it. */
  readonly protectedRoots: readonly ProcessTarget[]
}

/** Judges processes as they are at one moment. */
export interface Judge {
  /** Why a process must be left alone, as the end of a sentence; undefined where it may be touched. */
  protectionOf(process: ProcessInfo): string | undefined
  /** Direct children, by pid. */
  childrenOf(pid: number): readonly ProcessStat[]
}

/** Decides which processes nothing may touch. It has the last word, whoever asks. */
export class Policy {
  readonly #options: PolicyOptions

  constructor(options: PolicyOptions) {
    this.#options = options
  }

  /** Looks at all processes as they are now. Ask anew for each decision: trees change. */
  look(): Judge {
    const all = new Map(
      listPids().flatMap((pid) => {
        const stat = readProcessStat(pid)
        return stat === undefined ? [] : [[pid, stat] as const]
      }),
    )
    const children = Map.groupBy(all.values(), ({ ppid }) => ppid)
    const childrenOf = (pid: number) => children.get(pid) ?? []
    const house = descendants(
      this.#options.protectedRoots.filter(({ pid, startTicks }) => all.get(pid)?.startTicks === startTicks),
      childrenOf,
    )
    const ancestors = ancestorsOf(process.pid, all)
    const programs = new Programs(this.#options.neverTouch)
    const protectionOf = (target: ProcessInfo): string | undefined => {
      if (target.pid === 1) return 'it is the first process of the system'
      if (target.pid === process.pid) return 'it is Vedette itself'
      if (house.has(target.pid)) return 'it is a part of Vedette'
      if (ancestors.has(target.pid)) return 'Vedette was started from it'
      if (target.kernelThread) return 'it is a thread of the kernel'
      const program = programs.match(target)
      return program === undefined ? undefined : `its program ${program} is on the never-touch list`
    }
    return { protectionOf, childrenOf }
  }
}

function descendants(
  roots: readonly ProcessTarget[],
  childrenOf: (pid: number) => readonly ProcessStat[],
): ReadonlySet<number> {
  const found = new Set(roots.map(({ pid }) => pid))
  // A set hands out what is added while it is walked.
  for (const pid of found) for (const child of childrenOf(pid)) found.add(child.pid)
  return found
}

function ancestorsOf(pid: number, all: ReadonlyMap<number, ProcessStat>): ReadonlySet<number> {
  const found = new Set<number>()
  for (let at = all.get(pid)?.ppid ?? 0; at > 0 && !found.has(at); at = all.get(at)?.ppid ?? 0) found.add(at)
  return found
}

/**
 * The files of the never-touch list as they are now. A process is known by the file that it runs, which it cannot choose,
 * not by its name or its arguments, which it can.
 */
class Programs {
  readonly #patterns: readonly string[]
  readonly #byFile = new Map<string, string>()
  #systemMounts: number | undefined

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns
    for (const pattern of patterns) {
      for (const path of pattern.includes('*') ? globSync(pattern) : [pattern]) {
        const status = fileStatus(path)
        if (status?.type === 'file') this.#byFile.set(`${status.device}:${status.inode}`, path)
      }
    }
  }

  /** The path on the list that a process runs. */
  match(target: ProcessInfo): string | undefined {
    const { executableFile: file, executable } = target
    const listed = file && this.#byFile.get(`${file.device}:${file.inode}`)
    if (listed !== undefined) return listed
    // After an update the old program runs on without a name. Its former path counts only where it is the system's own:
    // anybody may lay a file of his over that path in a mount namespace of his own.
    if (target.executableDeleted !== true || executable === undefined) return undefined
    this.#systemMounts ??= (fileStatus('/proc/1/ns/mnt') ?? fileStatus('/proc/self/ns/mnt'))?.inode
    if (target.mountNamespace === undefined || target.mountNamespace !== this.#systemMounts) return undefined
    return this.#patterns.some((pattern) => matchesGlob(executable, pattern)) ? executable : undefined
  }
}
