import { readFileSync } from 'node:fs'
import type { Clock } from '@vedette/base'

/**
 * File systems that somebody else answers for, a program or another machine: whoever opens a file there waits for as long as
 * they like, and nothing but its own end frees a thread from that.
 */
const REMOTE =
  /^(?:fuse|fuseblk|fuse\..*|nfs4?|cifs|smb3|smbfs|ncpfs|9p|afs|coda|ceph|lustre|gfs2?|ocfs2|orangefs|pvfs2|beegfs|gpfs|panfs|davfs2?|autofs)$/

/** Mounts are read again after so long. */
const KEPT_MS = 1000

interface Mount {
  readonly id: number
  readonly folder: string
  readonly type: string
}

const MOUNTS = (pid: number | 'self') => readFileSync(`/proc/${pid}/mountinfo`, 'utf8')

/** Which mounts are of such file systems, by what the kernel says of them; none of them is asked anything. */
export class RemoteMounts {
  readonly #clock: Clock
  readonly #read: (pid: number | 'self') => string
  #mounts: readonly Mount[] = []
  #readAtMs = Number.NEGATIVE_INFINITY

  /** @param read gives the text of a process's `mountinfo` (proc_pid_mountinfo(5)) */
  constructor(clock: Clock, read = MOUNTS) {
    this.#clock = clock
    this.#read = read
  }

  /** The type of the remote file system that an absolute path lies in, as far as its text says; undefined for any other. */
  ofPath(path: string): string | undefined {
    return this.#find(path)?.type
  }

  /** The folder where that file system is mounted; undefined for any other. */
  mountOf(path: string): string | undefined {
    return this.#find(path)?.folder
  }

  #find(path: string): Mount | undefined {
    let found: Mount | undefined
    for (const mount of this.#current()) {
      // Of several in one place the last one covers the others.
      if (holds(mount.folder, path) && mount.folder.length >= (found?.folder.length ?? 0)) found = mount
    }
    return found && REMOTE.test(found.type) ? found : undefined
  }

  /**
   * The same of the mount that a descriptor of this process lies in.
   *
   * @param pid a process that may see mounts of its own, such as one in a container
   */
  ofDescriptor(descriptor: number, pid?: number): string | undefined {
    const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')
    const id = Number(/^mnt_id:\s*(\d+)$/m.exec(info)?.[1])
    const find = (mounts: readonly Mount[]) => mounts.find((mount) => mount.id === id)
    const mount = find(this.#current()) ?? (pid === undefined ? undefined : find(this.#of(pid)))
    return mount && REMOTE.test(mount.type) ? mount.type : undefined
  }

  #current(): readonly Mount[] {
    const now = this.#clock.monotonic()
    if (now - this.#readAtMs < KEPT_MS) return this.#mounts
    this.#readAtMs = now
    this.#mounts = this.#of('self')
    return this.#mounts
  }

  #of(pid: number | 'self'): readonly Mount[] {
    try {
      return this.#read(pid)
        .split('\n')
        .flatMap((line) => parseMount(line) ?? [])
    } catch {
      // It has ended.
      return []
    }
  }
}

function holds(folder: string, path: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`)
}

/** `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`. */
function parseMount(line: string): Mount | undefined {
  const [before = '', after = ''] = line.split(' - ', 2)
  const [id, , , , folder] = before.split(' ')
  const type = after.split(' ', 1)[0]
  if (folder === undefined || type === undefined || type === '') return undefined
  return {
    id: Number(id),
    folder: folder.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    ),
    type,
  }
}
