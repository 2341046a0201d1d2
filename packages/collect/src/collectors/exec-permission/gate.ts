import { readlinkSync, statSync } from 'node:fs'
import { dirname } from 'node:path/posix'
import { closeDescriptor, Fanotify, type FanotifyEvent, fanotifyMask, readProcessStat } from '@vedette/linux'
import { NOBODY } from '../../kernel/process-table.ts'
import { neverStopped } from '../../prevention/config.ts'
import { HeldFiles, statKey } from '../../prevention/held-files.ts'
import type { ExecPermissionConfig } from './config.ts'
import type { GateDecision } from './messages.ts'

const MASK = fanotifyMask.openExecPermission

/**
 * Where starts of programs wait for a yes or no. Only what is to be stopped is marked: whoever starts anything else never
 * waits. It starts no program itself, which would wait for itself.
 */
export class Gate implements Disposable {
  readonly #group: Fanotify
  readonly #config: ExecPermissionConfig
  readonly #programs: HeldFiles
  readonly #never: HeldFiles
  /** By number of the file system. */
  readonly #mounts = new Map<string, string>()
  #refused: readonly string[] = []

  /** @throws {SystemCallError} */
  constructor(config: ExecPermissionConfig) {
    this.#config = config
    this.#group = Fanotify.toDecide()
    this.#programs = new HeldFiles(config.programs)
    this.#never = new HeldFiles([...neverStopped, ...config.never])
    this.refresh()
  }

  /** Mounts of the configuration that are not guarded, since they are none, or too much would be stopped. */
  get refused(): readonly string[] {
    return this.#refused
  }

  /** Brings the marks up to date with the files and mounts that are there now. */
  refresh(): void {
    this.#never.refresh(nothing, nothing)
    this.#programs.refresh(
      ({ fd }) => this.#group.mark(`/proc/self/fd/${fd}`, MASK),
      ({ fd }) => this.#group.unmark(`/proc/self/fd/${fd}`, MASK),
    )
    const refused: string[] = []
    for (const path of this.#config.mounts) {
      const device = guardable(path)
      if (device === undefined) refused.push(path)
      else if (!this.#mounts.has(device)) {
        this.#group.mark(path, MASK, 'mount')
        this.#mounts.set(device, path)
      }
    }
    this.#refused = refused
  }

  waitReadable(signal: AbortSignal): Promise<boolean> {
    return this.#group.waitReadable(signal)
  }

  /** Answers all that wait now; gives what is to be told. */
  decide(): GateDecision[] {
    const told: GateDecision[] = []
    for (let events = this.#group.take(); events.length > 0; events = this.#group.take()) {
      for (const event of events) {
        if (event.fd < 0) continue
        try {
          const decision = this.#decide(event)
          if (decision !== undefined) told.push(decision)
        } finally {
          closeDescriptor(event.fd)
        }
      }
    }
    return told
  }

  /** Answers, whatever happens: what cannot be judged is let through. */
  #decide({ fd, pid }: FanotifyEvent): GateDecision | undefined {
    let verdict: GateDecision['verdict'] | undefined
    let reason = ''
    let who = NOBODY
    try {
      reason = this.#reasonToStop(fd) ?? ''
      if (reason !== '') {
        verdict = this.#config.mode === 'enforce' ? 'denied' : 'would_deny'
        // It waits for the answer, so its pid is nobody else's yet.
        const stat = readProcessStat(pid)
        if (stat !== undefined) who = { pid, startTicks: stat.startTicks }
      }
    } catch {
      verdict = 'let_through'
      reason = 'error'
    }
    this.#group.answer(fd, verdict !== 'denied')
    if (verdict === undefined) return undefined
    const { ino } = statSync(`/proc/self/fd/${fd}`)
    const path = readlinkSync(`/proc/self/fd/${fd}`)
    return { timeMs: Date.now(), process: who, path, inode: ino, verdict, reason }
  }

  #reasonToStop(fd: number): string | undefined {
    const key = statKey(fd)
    if (this.#never.get(key) !== undefined) return undefined
    if (this.#programs.get(key) !== undefined) return 'program'
    return this.#mounts.has(key.slice(0, key.indexOf(':'))) ? 'mount' : undefined
  }

  [Symbol.dispose](): void {
    this.#group[Symbol.dispose]()
    this.#programs[Symbol.dispose]()
    this.#never[Symbol.dispose]()
  }
}

const nothing = () => undefined

/** The number of a mount's file system, where it is one of its own in which no program lies that the machine needs. */
function guardable(path: string): string | undefined {
  const device = deviceOf(path)
  const needed = ['/', dirname(path), '/bin/sh', '/usr', '/lib', ...neverStopped].map(deviceOf)
  return device === undefined || needed.includes(device) ? undefined : device
}

function deviceOf(path: string): string | undefined {
  try {
    return String(statSync(path, { bigint: true }).dev)
  } catch {
    return undefined
  }
}
