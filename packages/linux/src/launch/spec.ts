import { fileURLToPath } from 'node:url'
import { type CapabilityName, capabilityNames } from '../capabilities.ts'

/** What a process gives up before it becomes another program. What is left out stays as it is. */
export interface LaunchSpec {
  /** User, group and supplementary groups. `groups` is empty by default: nothing is inherited. */
  readonly user?: { readonly uid: number; readonly gid: number; readonly groups?: readonly number[] }
  /**
   * The only capabilities that this program, or any that it starts, can ever have again: the bounding set. Inherited and
   * ambient ones are cleared. An ordinary user has none in any case.
   */
  readonly capabilities?: readonly CapabilityName[]
  /** No program that it starts gains rights by a set-user-ID bit or file capabilities (PR_SET_NO_NEW_PRIVS). */
  readonly noNewPrivileges?: boolean
  /** Sent to it when its parent ends. It does not start at all when the parent has ended before. */
  readonly parentDeathSignal?: 'SIGTERM' | 'SIGKILL' | 'SIGINT'
  /** The parent that is meant; the process that calls `launchCommand` by default. */
  readonly parentPid?: number
  /** Mode bits taken from files that it makes, such as 0o077. */
  readonly umask?: number
  /**
   * Absolute paths, without symbolic links, of files and folders that `user` must be able to reach, also where a folder
   * above them keeps everybody out. Then that folder is covered, in a mount namespace of the program's own, by an empty
   * one in which only these paths appear. Nothing changes on disk, and what lay beside them is not seen. A folder that
   * keeps the user out itself opens, with the rights of what lies in it as they are; what is added to it later is not seen.
   */
  readonly reachable?: readonly string[]
  /** Absolute path. Stays what it was by default; `/` where that cannot be entered any more. */
  readonly workingDirectory?: string
}

/** What to hand to `spawn`. */
export interface LaunchCommand {
  readonly file: string
  readonly args: readonly string[]
}

/** Exit status of the launcher itself when it could not start the program, as of env(1) and timeout(1). */
export const LAUNCH_FAILED = 125

/**
 * The command that starts `command` under `spec`: a small program of its own process gives up the rights one by one and
 * then becomes `command`, under the same pid. When a step fails it writes one sentence to standard error and ends with
 * status 125; the command is then not started.
 *
 * Spawn it from the main thread: a signal on the parent's death is sent when the thread that spawned it ends.
 *
 * @param command absolute path of the program, without symbolic links, and its arguments
 * @param launcher the launcher's own file; stands beside this one
 */
export function launchCommand(
  spec: LaunchSpec,
  command: readonly [file: string, ...args: string[]],
  launcher = fileURLToPath(new URL('./main.ts', import.meta.url)),
): LaunchCommand {
  const whole: LaunchSpec = { parentPid: process.pid, ...spec }
  return { file: process.execPath, args: [launcher, JSON.stringify(whole), '--', ...command] }
}

/**
 * Checks what the launcher was given.
 *
 * @throws {TypeError} naming the field
 */
export function parseLaunchSpec(text: string): LaunchSpec {
  const spec: unknown = JSON.parse(text)
  if (!isObject(spec)) throw new TypeError('the specification is not an object')
  const unknown = Object.keys(spec).find((key) => !(key in FIELDS))
  if (unknown !== undefined) throw new TypeError(`"${unknown}" is not a known field`)
  for (const [name, holds] of Object.entries(FIELDS)) {
    if (spec[name] !== undefined && !holds(spec[name]))
      throw new TypeError(`"${name}" is not what it must be`)
  }
  return spec
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isId = (value: unknown): boolean =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 32 - 1
const isPath = (value: unknown): boolean =>
  typeof value === 'string' && value.startsWith('/') && !value.includes('\0')
const isListOf = (value: unknown, holds: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(holds)

const FIELDS: Readonly<Record<keyof LaunchSpec, (value: unknown) => boolean>> = {
  user: (value) =>
    isObject(value) &&
    isId(value['uid']) &&
    isId(value['gid']) &&
    (value['groups'] === undefined || isListOf(value['groups'], isId)),
  capabilities: (value) => isListOf(value, (item) => capabilityNames.includes(item as CapabilityName)),
  noNewPrivileges: (value) => typeof value === 'boolean',
  parentDeathSignal: (value) => value === 'SIGTERM' || value === 'SIGKILL' || value === 'SIGINT',
  parentPid: isId,
  umask: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0o777,
  reachable: (value) => isListOf(value, isPath),
  workingDirectory: isPath,
}
