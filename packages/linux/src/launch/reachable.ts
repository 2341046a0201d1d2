import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { closeDescriptor, errorName, lazily, libcFunction, systemCall, SystemCallError } from '../libc.ts'

const CLONE_NEWNS = 0x0002_0000
const MS_RDONLY = 0x1
const MS_NOSUID = 0x2
const MS_NODEV = 0x4
const MS_NOEXEC = 0x8
const MS_REMOUNT = 0x20
const MS_BIND = 0x1000
const MS_REC = 0x4000
const MS_PRIVATE = 0x40000
const SYS_OPEN_TREE = 428
const SYS_MOVE_MOUNT = 429
const AT_FDCWD = -100
const AT_RECURSIVE = 0x8000
const OPEN_TREE_CLONE = 1
const OPEN_TREE_CLOEXEC = 0o2000000
const MOVE_MOUNT_F_EMPTY_PATH = 4

const unshare = lazily(() => libcFunction<(flags: number) => number>('unshare', 'int', ['int']))
const mount = lazily(() =>
  libcFunction<
    (source: string, target: string, type: string | null, flags: number, data: string | null) => number
  >('mount', 'int', ['str', 'str', 'str', 'ulong', 'str']),
)
const openTree = lazily(() =>
  systemCall<[directory: number, path: string, flags: number]>(SYS_OPEN_TREE, ['int', 'str', 'uint']),
)
const moveMount = lazily(() =>
  systemCall<[from: number, fromPath: string, to: number, toPath: string, flags: number]>(SYS_MOVE_MOUNT, [
    'int',
    'str',
    'int',
    'str',
    'uint',
  ]),
)
const setfsuid = lazily(() => libcFunction<(uid: number) => number>('setfsuid', 'int', ['uint']))

/**
 * Makes `paths` reachable for a user, at their own places, without a change on disk. A folder above them that the user
 * may not enter is covered by a small file system of its own in which nothing but the way to these paths exists. Done in
 * a new mount namespace, and only where a path cannot be reached already. A folder of `paths` that itself keeps the user
 * out is covered too, and all that lies in it now is put back, each with the rights that it has.
 *
 * The groups of the thread must already be those of the user; its user must still be root. It must run on the thread
 * that then executes the program: a mount namespace belongs to a thread.
 *
 * @returns whether anything was covered
 * @throws {SystemCallError} when the kernel refuses, as without CAP_SYS_ADMIN
 */
export function makeReachable(paths: readonly string[], uid: number): boolean {
  const asked = [...new Set(paths.map((path) => realpathSync(path)))]
  if (asked.every((path) => firstClosed(path, uid) === undefined && mayUse(path, uid))) return false
  const what = `make ${asked.join(', ')} reachable for user ${uid} (that asks for CAP_SYS_ADMIN)`
  check('unshare', unshare()(CLONE_NEWNS), what)
  check(
    'mount',
    mount()('none', '/', null, MS_REC | MS_PRIVATE, null),
    'keep mounts from the other namespaces',
  )
  // All of them first: what is covered cannot be found by its path any more.
  const trees = new Map<string, Clone>()
  const opened = new Set<string>()
  for (const path of asked) {
    const tree = cloneTree(path)
    // By the descriptor, so that what lies above does not count.
    if (mayUse(`/proc/self/fd/${tree}`, uid)) {
      trees.set(path, tree)
      continue
    }
    closeDescriptor(tree)
    opened.add(path)
    for (const name of readdirSync(path)) trees.set(join(path, name), cloneEntry(join(path, name)))
  }
  const wanted = [...trees.keys()].sort((a, b) => a.length - b.length)
  const ordered = wanted.flatMap((path) => {
    const clone = trees.get(path)
    return clone === undefined ? [] : [[path, clone] as const]
  })
  for (const path of wanted) {
    for (let closed = firstClosed(path, uid); closed !== undefined; closed = firstClosed(path, uid)) {
      cover(closed, ordered, opened)
    }
  }
  for (const clone of trees.values()) if (typeof clone === 'number') closeDescriptor(clone)
  return true
}

/** Whether a path can be used once it is reached: a file always, a folder when it may be entered. */
function mayUse(path: string, uid: number): boolean {
  return !statSync(path).isDirectory() || mayEnter(path, uid)
}

/** The highest folder above `path` that the user may not enter. */
function firstClosed(path: string, uid: number): string | undefined {
  const above: string[] = []
  for (let folder = dirname(path); folder !== '/'; folder = dirname(folder)) above.unshift(folder)
  return above.find((folder) => !mayEnter(folder, uid))
}

/** The kernel itself is asked, so that access lists and security modules count. */
function mayEnter(folder: string, uid: number): boolean {
  try {
    statAs(uid, `${folder}/.`)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return false
    throw error
  }
}

/** With the file system user of this thread alone: it drops the rights over others' files with it, and regains them. */
function statAs(uid: number, path: string): void {
  setfsuid()(uid)
  try {
    statSync(path)
  } finally {
    setfsuid()(0)
  }
}

/** Descriptor of a mount that hangs nowhere yet, or where a symbolic link leads. */
type Clone = number | string

function cloneEntry(path: string): Clone {
  return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : cloneTree(path)
}

function cloneTree(path: string): number {
  const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE
  const tree = openTree()(AT_FDCWD, path, flags)
  check('open_tree', tree, `clone the mount of ${path}`)
  return tree
}

/**
 * Lays an empty file system over `folder` and hangs the trees below it back in, each at its place. Those of `opened` may
 * be listed, the others only be gone through.
 */
function cover(
  folder: string,
  trees: readonly (readonly [string, Clone])[],
  opened: ReadonlySet<string>,
): void {
  const safe = MS_NOSUID | MS_NODEV | MS_NOEXEC
  const options = `mode=${opened.has(folder) ? '0755' : '0711'},size=256k,nr_inodes=8192`
  check('mount', mount()('vedette', folder, 'tmpfs', safe, options), `cover ${folder}`)
  const places: string[] = []
  for (const [path, clone] of trees) {
    if (!path.startsWith(`${folder}/`)) continue
    // What lies within another tree comes with it.
    if (places.some((place) => path.startsWith(`${place}/`))) continue
    places.push(path)
    makeWay(folder, dirname(path), opened)
    if (typeof clone === 'string') {
      symlinkSync(clone, path)
      continue
    }
    if (statSync(`/proc/self/fd/${clone}`).isDirectory()) mkdirSync(path)
    else writeFileSync(path, '')
    const moved = moveMount()(clone, '', AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH)
    check('move_mount', moved, `put ${path} back in its place`)
  }
  const readOnly = MS_REMOUNT | MS_BIND | MS_RDONLY | safe
  check('mount', mount()('none', folder, null, readOnly, null), `make the cover of ${folder} read-only`)
}

function makeWay(folder: string, to: string, opened: ReadonlySet<string>): void {
  let place = folder
  for (const name of relative(folder, to).split('/')) {
    if (name === '') break
    place = `${place}/${name}`
    if (existsSync(place)) continue
    mkdirSync(place)
    // Past the umask.
    chmodSync(place, opened.has(place) ? 0o755 : 0o711)
  }
}

function check(syscall: string, result: number, what: string): void {
  if (result >= 0) return
  throw new SystemCallError(syscall, what, errorName())
}
