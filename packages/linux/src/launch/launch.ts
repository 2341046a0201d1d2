import { accessSync, constants } from 'node:fs'
import { isAbsolute } from 'node:path'
import { forbidNewPrivileges, limitCapabilities, restoreSignals, setParentDeathSignal } from './privileges.ts'
import { makeReachable } from './reachable.ts'
import { type LaunchSpec, parseLaunchSpec } from './spec.ts'

/**
 * Reads the launcher's arguments (`<specification> -- <command> <arguments>`), gives up what the specification says and
 * becomes the command. Never returns when it succeeds.
 *
 * @throws when a step fails; by then some of the rights may be gone
 */
export function launch(args: readonly string[]): never {
  const [text, separator, file, ...rest] = args
  if (text === undefined || separator !== '--' || file === undefined) {
    throw new TypeError('the arguments must be: <specification> -- <command> [arguments]')
  }
  if (!isAbsolute(file)) throw new TypeError(`the command must be an absolute path, not ${file}`)
  apply(parseLaunchSpec(text))
  // A failed execve would end this process without a word of ours.
  accessSync(file, constants.X_OK)
  // Capabilities, namespace and signal belong to this thread, and it is this thread that goes on.
  if (process.execve === undefined) throw new TypeError('this Node has no process.execve')
  process.execve(file, [file, ...rest], process.env)
  throw new TypeError(`${file} did not start`)
}

function apply(spec: LaunchSpec): void {
  if (spec.umask !== undefined) process.umask(spec.umask)
  if (spec.user !== undefined) {
    process.setgroups?.([...(spec.user.groups ?? [])])
    process.setgid?.(spec.user.gid)
  }
  const before = process.cwd()
  const covered =
    spec.user !== undefined && spec.user.uid !== 0 && spec.reachable !== undefined
      ? makeReachable(spec.reachable, spec.user.uid)
      : false
  if (spec.capabilities !== undefined) limitCapabilities(spec.capabilities)
  if (spec.user !== undefined) process.setuid?.(spec.user.uid)
  enterFolder(spec.workingDirectory, covered ? before : undefined)
  if (spec.noNewPrivileges === true) forbidNewPrivileges()
  if (spec.parentDeathSignal !== undefined) {
    setParentDeathSignal(spec.parentDeathSignal)
    // It may have ended before the kernel was asked to tell.
    if (spec.parentPid !== undefined && process.ppid !== spec.parentPid) {
      throw new TypeError(`the parent, process ${spec.parentPid}, has ended`)
    }
  }
  restoreSignals()
}

function enterFolder(wanted: string | undefined, before: string | undefined): void {
  if (wanted !== undefined) {
    process.chdir(wanted)
    return
  }
  if (before === undefined) return
  // What was the working folder may be covered by now.
  try {
    process.chdir(before)
  } catch {
    process.chdir('/')
  }
}
