import type { Detection, ProcessEntity } from '@vedette/model'

/**
 * Programs that start work for others (logins, schedulers, inits and runtimes of containers, session managers): what
 * they start has nothing to do with what else they started. By name and folder, since a name alone is anybody's choice.
 */
const STARTERS = new Set([
  'agetty',
  'anacron',
  'atd',
  'catatonit',
  'conmon',
  'containerd',
  'containerd-shim',
  'containerd-shim-runc-v2',
  'cron',
  'crond',
  'docker-init',
  'dockerd',
  'dumb-init',
  'getty',
  'init',
  'login',
  'runit',
  'runsv',
  'runsvdir',
  's6-supervise',
  's6-svscan',
  'screen',
  'sshd',
  'sshd-auth',
  'sshd-session',
  'systemd',
  'systemd-executor',
  'tini',
  'tmux',
  'xinetd',
])
const SYSTEM_FOLDER = /^\/(?:usr\/)?(?:s?bin|lib|libexec)\//

/** `vedette ...`, also behind an interpreter or the shell that npm starts it by. */
const VEDETTE = /^(?:\S+\s+)?(?:\S*\/)?vedette(?:\s|$)/

/**
 * A process and its ancestors up to the root of its tree, nearest first. The root is the last one on the way up before
 * the program that starts sessions and services, so the main process of a service or the shell of a login. Never pid 1, a
 * kernel thread or Vedette itself (what `vedette demo` starts is no part of Vedette), but for a process that is itself
 * one of those.
 */
export function treePath(
  process: NonNullable<Detection['process']>,
): readonly [ProcessEntity, ...ProcessEntity[]] {
  const path: [ProcessEntity, ...ProcessEntity[]] = [process]
  for (const ancestor of process.ancestry ?? []) {
    if (ancestor.pid <= 2 || isStarter(ancestor) || VEDETTE.test(ancestor.cmd_line ?? '')) break
    path.push(ancestor)
  }
  return path
}

/** The root of the process tree that a process belongs to. */
export function treeRoot(process: NonNullable<Detection['process']>): ProcessEntity {
  return treePath(process).at(-1) ?? process
}

function isStarter({ name, path }: ProcessEntity): boolean {
  const program = path === undefined ? name : path.slice(path.lastIndexOf('/') + 1)
  return STARTERS.has(program) && (path === undefined || SYSTEM_FOLDER.test(path))
}
