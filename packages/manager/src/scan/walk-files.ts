import { lstatSync, realpathSync } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'

/** A file that the walk came to, or a folder that it could not enter. */
export type Walked =
  | {
      readonly type: 'file'
      /** Free of links, but for a race with somebody who makes one: `within` is there to see to that. */
      readonly path: string
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
    if (isFolder) yield* walk(root, signal)
    else yield { type: 'file', path: root }
  }
}

async function* walk(root: string, signal: AbortSignal | undefined): AsyncGenerator<Walked> {
  const folders = [root]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    try {
      for await (const entry of await opendir(folder)) {
        const path = join(folder, entry.name)
        if (entry.isDirectory()) {
          if (!KERNEL_FOLDERS.has(path)) folders.push(path)
        } else if (entry.isFile()) yield { type: 'file', path, within: root }
        if (signal?.aborted === true) return
      }
    } catch (error) {
      yield unreadable(folder, error)
    }
  }
}

function unreadable(path: string, error: unknown): Walked {
  const { code, message } = error as NodeJS.ErrnoException
  return { type: 'unreadable', path, reason: code ?? message }
}
