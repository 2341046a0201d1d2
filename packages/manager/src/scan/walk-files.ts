import { type Dirent, lstatSync, realpathSync } from 'node:fs'
import { opendir, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** A file that the walk came to, or a folder that it could not enter. */
export type Walked =
  | {
      readonly type: 'file'
      /** Free of links, but for a race with somebody who makes one: `within` is there to see to that. */
      readonly path: string
      /** The path's bytes, where they are no UTF-8: `path` leads nowhere then. */
      readonly rawPath?: Uint8Array
      /** The folder that was asked for, real; the file lies in it. Left out for a file that was asked for by its name. */
      readonly within?: string
    }
  | { readonly type: 'unreadable'; readonly path: string; readonly reason: string }

/** File systems that the kernel makes up: nothing in them lies on a disk, and some of it never ends. */
const KERNEL_FOLDERS = new Set(['/proc', '/sys', '/dev'])

/**
 * Plain files below some paths, in no order. A path that is itself a link is followed, since somebody named it; below it no
 * link is. Pipes, sockets and devices are passed over, and so are `/proc`, `/sys` and `/dev` unless they are named.
 */
export async function* walkFiles(paths: readonly string[], signal?: AbortSignal): AsyncGenerator<Walked> {
  for (const path of paths) {
    let root: string
    let isFolder: boolean
    try {
      root = realpathSync(path)
      isFolder = lstatSync(root).isDirectory()
    } catch (error) {
      yield unreadable(path, error)
      continue
    }
    if (isFolder) yield* walkFolder({ path: root }, signal)
    else yield { type: 'file', path: root }
  }
}

/** A file or folder. */
export interface Place {
  readonly path: string
  readonly rawPath?: Buffer
}

interface Entry extends Place {
  readonly entry: Pick<Dirent, 'isDirectory' | 'isFile'>
}

/** The same for one folder, which is no link. */
export async function* walkFolder(root: Place, signal?: AbortSignal): AsyncGenerator<Walked> {
  const folders = [root]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    try {
      for await (const { entry, ...place } of entriesOf(folder)) {
        if (entry.isDirectory()) {
          if (!KERNEL_FOLDERS.has(place.path)) folders.push(place)
        } else if (entry.isFile()) yield { type: 'file', ...place, within: root.path }
        if (signal?.aborted === true) return
      }
    } catch (error) {
      yield unreadable(folder.path, error)
    }
  }
}

/** What Node puts in the place of bytes that are no UTF-8. */
const REPLACEMENT = '\ufffd'

/** What lies in a folder. A name may be any bytes: who wants a file not to be found gives it such a name. */
async function* entriesOf(folder: Place): AsyncGenerator<Entry> {
  if (folder.rawPath === undefined) {
    let isPlain = true
    for await (const entry of await opendir(folder.path)) {
      if (entry.name.includes(REPLACEMENT)) isPlain = false
      else yield { path: join(folder.path, entry.name), entry }
    }
    if (isPlain) return
  }
  const rawFolder = folder.rawPath ?? Buffer.from(folder.path)
  for (const entry of await readdir(rawFolder, { encoding: 'buffer', withFileTypes: true })) {
    const name = entry.name.toString('utf8')
    if (folder.rawPath === undefined && !name.includes(REPLACEMENT)) continue
    const rawPath = Buffer.concat([rawFolder, Buffer.from('/'), entry.name])
    yield { path: join(folder.path, name), rawPath, entry }
  }
}

/**
 * The paths that are read as this one: their bytes, where they are no UTF-8. At most 64 of them, and none where the path
 * says that it was UTF-8 or nothing is called so.
 */
export async function rawPathsOf(path: string): Promise<readonly Buffer[]> {
  if (!path.includes(REPLACEMENT)) return []
  let found: Buffer[] = [Buffer.from('/')]
  for (const part of path.split('/').filter((name) => name !== '')) {
    const next: Buffer[] = []
    for (const folder of found) {
      for (const name of await namesReadAs(part, folder)) {
        if (next.length < MOST_ALIKE) next.push(Buffer.concat([folder, Buffer.from('/'), name]))
      }
    }
    found = next
  }
  return found
}

const MOST_ALIKE = 64

async function namesReadAs(part: string, folder: Buffer): Promise<readonly Buffer[]> {
  if (!part.includes(REPLACEMENT)) return [Buffer.from(part)]
  try {
    const names = await readdir(folder, { encoding: 'buffer' })
    return names.filter((name) => name.toString('utf8') === part)
  } catch {
    return []
  }
}

function unreadable(path: string, error: unknown): Walked {
  const { code, message } = error as NodeJS.ErrnoException
  return { type: 'unreadable', path, reason: code ?? message }
}
