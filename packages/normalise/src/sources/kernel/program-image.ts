import type { ExecRecord, StandardStream, Stream, User } from '@vedette/model'
import { baseName, boundedText } from '../../bounded-text.ts'
import type { CgroupPaths } from '../../enrichers/container/cgroup-paths.ts'
import { containerOf } from '../../enrichers/container/container.ts'
import type { ExecutableHasher } from '../../enrichers/executable-hash/executable-hash.ts'
import { startedStateKey } from '../../enrichers/executable-hash/open-executable.ts'
import type { ProgramImage } from '../../enrichers/process-tree/process-node.ts'
import type { Users } from '../../enrichers/users/users.ts'
import type { Redactor } from '../../redaction/redact.ts'

export interface ImageContext {
  readonly users: Users
  readonly cgroups: CgroupPaths
  readonly redactor: Redactor
  /** Left out where hashing is switched off. */
  readonly hasher: ExecutableHasher | undefined
}

/** What is known of a program that runs, whether an exec record or /proc told it. */
export interface ProgramFacts {
  readonly pid: number
  /** Absolute path or `memfd:name`. Anything else, as a source without the right to look gives it, is only a name. */
  readonly executable?: string | undefined
  readonly taskName: string
  readonly argv: readonly string[]
  readonly uid: number
  readonly euid?: number | undefined
  readonly loginUid?: number | undefined
  readonly workingDirectory?: string | undefined
  readonly inode?: number | undefined
  /** `startedStateKey` of its file. */
  readonly state?: string | undefined
  readonly deleted: boolean
  readonly cgroupId?: number | undefined
  readonly cgroupPath?: string | undefined
  readonly streams?: readonly [StandardStream, StandardStream, StandardStream] | undefined
}

export function factsOfExec(record: ExecRecord): ProgramFacts {
  return {
    pid: record.process.pid,
    executable: record.executable,
    taskName: record.taskName,
    argv: record.argv,
    uid: record.uid,
    euid: record.euid,
    loginUid: record.loginUid,
    workingDirectory: record.workingDirectory,
    inode: record.executableFile?.inode,
    state: startedStateKey(record.executableFile),
    deleted: record.executable.startsWith('memfd:') || record.executableFile?.links === 0,
    cgroupId: record.cgroupId,
    cgroupPath: record.cgroupPath,
    streams: record.streams,
  }
}

/** Puts facts into the words of Events: names for numbers, secrets taken out, every string bounded. */
export function imageOf(facts: ProgramFacts, context: ImageContext): ProgramImage {
  const { pid, euid } = facts
  const executable = isPath(facts.executable) ? facts.executable : undefined
  const cgroup =
    facts.cgroupPath ??
    (facts.cgroupId === undefined ? undefined : context.cgroups.pathOf(facts.cgroupId, pid))
  const container = containerIn(cgroup, pid, context.cgroups)
  const path = executable === undefined ? undefined : boundedText(executable)
  const user: User = context.users.user(facts.uid, container !== undefined)
  const hash =
    path === undefined || context.hasher === undefined
      ? undefined
      : context.hasher.request({
          pid,
          path,
          sameRoot: container === undefined,
          ...(facts.inode !== undefined && { inode: facts.inode }),
          ...(facts.state !== undefined && { state: facts.state }),
        })
  return {
    name: path === undefined ? boundedText(facts.executable || facts.taskName, 256) : baseName(path),
    ...(path !== undefined && { path }),
    ...(facts.argv.length > 0 && { commandLine: boundedText(context.redactor.command(facts.argv)) }),
    user,
    ...(facts.inode !== undefined && { inode: facts.inode }),
    deleted: facts.deleted,
    ...(facts.workingDirectory !== undefined && { workingDirectory: boundedText(facts.workingDirectory) }),
    ...(container !== undefined && { container }),
    ...(cgroup !== undefined && { cgroup: boundedText(cgroup) }),
    ...(facts.loginUid !== undefined && { auid: facts.loginUid }),
    ...(euid !== undefined && { euid }),
    ...(facts.streams !== undefined && { streams: streamsOf(facts.streams) }),
    ...(hash !== undefined && { hash }),
  }
}

function isPath(executable: string | undefined): executable is string {
  return executable !== undefined && (executable.startsWith('/') || executable.startsWith('memfd:'))
}

function containerIn(
  cgroup: string | undefined,
  pid: number,
  cgroups: CgroupPaths,
): ProgramImage['container'] {
  if (cgroup !== undefined && cgroup.length > 1) {
    const container = containerOf(cgroup)
    if (container) return container
  }
  for (const path of cgroups.legacyPaths(pid)) {
    const container = containerOf(path)
    if (container) return container
  }
  return undefined
}

function streamsOf(
  streams: readonly [StandardStream, StandardStream, StandardStream],
): readonly [Stream, Stream, Stream] {
  return [streamOf(streams[0]), streamOf(streams[1]), streamOf(streams[2])]
}

function streamOf({ type, peer }: StandardStream): Stream {
  return peer === undefined
    ? { type }
    : { type, peer: { ip: boundedText(peer.address, 64), port: peer.port } }
}
