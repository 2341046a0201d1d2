import { chmodSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
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
 * a new mount namespace, and only where a path cannot be reached already.
 *
 * The groups of the thread must already be those of the user; its user must still be root. It must run on the thread
 * that then executes the program: a mount namespace belongs to a thread.
 *
 * @returns whether anything was covered
 * @throws {SystemCallError} when the kernel refuses, as without CAP_SYS_ADMIN
 * @throws {TypeError} when a folder of `paths` itself may not be entered by the user
 */
export function makeReachable(paths: readonly string[], uid: number): boolean {
  const wanted = [...new Set(paths.map((path) => realpathSync(path)))].sort((a, b) => a.length - b.length)
  if (wanted.every((path) => firstClosed(path, uid) === undefined)) return false
  const what = `make ${wanted.join(', ')} reachable for user ${uid} (that asks for CAP_SYS_ADMIN)`
  check('unshare', unshare()(CLONE_NEWNS), what)
  check(
    'mount',
    mount()('none', '/', null, MS_REC | MS_PRIVATE, null),
    'keep mounts from the other namespaces',
  )
  // All of them first: what is covered cannot be found by its path any more.
  const trees = new Map(wanted.map((path) => [path, cloneTree(path)]))
  for (const path of wanted) {
    for (let closed = firstClosed(path, uid); closed !== undefined; closed = firstClosed(path, uid)) {
      cover(closed, trees)
    }
    if (statSync(path).isDirectory() && !mayEnter(path, uid)) {
      throw new TypeError(`${path} cannot be made reachable for user ${uid}: that folder itself keeps it out`)
    }
  }
  for (const tree of trees.values()) closeDescriptor(tree)
  return true
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

function cloneTree(path: string): number {
  const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE
  const tree = openTree()(AT_FDCWD, path, flags)
  check('open_tree', tree, `clone the mount of ${path}`)
  return tree
}

/** Lays an empty file system over `folder` and hangs the trees below it back in, each at its place. */
function cover(folder: string, trees: ReadonlyMap<string, number>): void {
  const safe = MS_NOSUID | MS_NODEV | MS_NOEXEC
  const options = 'mode=0711,size=64k,nr_inodes=1024'
  check('mount', mount()('vedette', folder, 'tmpfs', safe, options), `cover ${folder}`)
  const below = [...trees].filter(([path]) => path.startsWith(`${folder}/`))
  const places: [string, number][] = []
  for (const [path, tree] of below) {
    // What lies within another tree comes with it.
    if (places.some(([place]) => path.startsWith(`${place}/`))) continue
    places.push([path, tree])
    makePlace(folder, path, trees)
    const moved = moveMount()(tree, '', AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH)
    check('move_mount', moved, `put ${path} back in its place`)
  }
  const readOnly = MS_REMOUNT | MS_BIND | MS_RDONLY | safe
  check('mount', mount()('none', folder, null, readOnly, null), `make the cover of ${folder} read-only`)
}

function makePlace(folder: string, path: string, trees: ReadonlyMap<string, number>): void {
  const isFolder = treeIsFolder(trees.get(path))
  let place = folder
  for (const name of relative(folder, isFolder ? path : dirname(path)).split('/')) {
    if (name === '') break
    place = `${place}/${name}`
    mkdirSync(place, { recursive: true })
    // Past the umask.
    chmodSync(place, 0o711)
  }
  if (!isFolder) writeFileSync(path, '')
}

function treeIsFolder(tree: number | undefined): boolean {
  return statSync(`/proc/self/fd/${tree ?? -1}`).isDirectory()
}

function check(syscall: string, result: number, what: string): void {
  if (result >= 0) return
  throw new SystemCallError(syscall, what, errorName())
}
