import type { Detection, ProcessEntity } from '@vedette/model'

/**
 * Programs that start work for others: what they start has nothing to do with what else they started. By name and
 * folder, since a name alone is anybody's choice.
 */
const STARTERS = new Set([
  'agetty',
  'atd',
  'conmon',
  'containerd-shim',
  'containerd-shim-runc-v2',
  'cron',
  'crond',
  'dockerd',
  'init',
  'login',
  'runit',
  's6-svscan',
  'sshd',
  'sshd-session',
  'systemd',
  'tini',
  'xinetd',
])
const SYSTEM_FOLDER = /^\/(?:usr\/)?(?:s?bin|lib|libexec)\//

/**
 * The root of the process tree that a process belongs to: the last one on the way up before the program that starts
 * sessions and services, so the main process of a service or the shell of a login. Never pid 1 or a kernel thread.
 */
export function treeRoot(process: NonNullable<Detection['process']>): ProcessEntity {
  let root: ProcessEntity = process
  for (const ancestor of process.ancestry ?? []) {
    if (ancestor.pid <= 2 || isStarter(ancestor)) break
    root = ancestor
  }
  return root
}

function isStarter({ name, path }: ProcessEntity): boolean {
  const program = path === undefined ? name : path.slice(path.lastIndexOf('/') + 1)
  return STARTERS.has(program) && (path === undefined || SYSTEM_FOLDER.test(path))
}
