import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { auditFiles } from '../audit/audit-files.ts'
import { auditPaths } from '../audit/read-audit.ts'

/**
 * What is made anew by a start, what only has meaning for the process that wrote it, and master keys: beside what they wrap
 * they would open it for whoever has the backup.
 */
const PASSING =
  /^(?:lock|status|tmp_.*|delete_tmp_.*|.*\.new|shadow|master(?:-[0-9a-f]{16})?\.key(?:\.next)?)$/
/** Such a file tells that its folder is a part of a table, in which nothing is ever changed. */
const PART_MARK = 'checksums.txt'
const TRIES = 20

/**
 * Takes an audit log as it is now, also while it is written: first what tells how far it went, then the log, cut after its
 * last whole record. So the copy verifies.
 */
export function snapshotAudit(folder: string, to: string): void {
  const [from, copy] = [auditPaths(folder), auditPaths(to)]
  mkdirSync(to, { recursive: true, mode: 0o700 })
  for (const kind of ['checkpoint', 'checkpoints', 'key'] as const) {
    if (existsSync(from[kind])) copyWholeLines(from[kind], copy[kind])
  }
  for (const file of auditFiles(folder)) copyWholeLines(file, file.replace(folder, to))
}

function copyWholeLines(file: string, to: string): void {
  const bytes = readFileSync(file)
  writeFileSync(to, bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1), { mode: 0o600 })
}

/**
 * Takes the folder of the embedded event store as it is now, also while it is used. The files of a part are linked, since
 * they never change; what a merge replaces meanwhile is looked for again under its new name. Parts that were merged stay
 * for minutes, so one look finds every event that was there when it began.
 *
 * @param to on the same file system
 */
export function snapshotEvents(folder: string, to: string): void {
  for (let tries = 0; ; tries += 1) {
    try {
      takeFolder(folder, to)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries >= TRIES) throw error
    }
  }
}

/** Takes a folder of files that are replaced as a whole. @param leave names that stay behind, at its top */
export function snapshotFiles(folder: string, to: string, leave: readonly string[]): void {
  mkdirSync(to, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(folder)) {
    if (leave.includes(name) || PASSING.test(name)) continue
    const [path, copy] = [join(folder, name), join(to, name)]
    const status = lstatSync(path, { throwIfNoEntry: false })
    if (status?.isDirectory() === true) snapshotFiles(path, copy, [])
    else if (status?.isFile() === true) copyFileSync(path, copy)
  }
}

function takeFolder(folder: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o700 })
  const names = readdirSync(folder)
  const isPart = names.includes(PART_MARK)
  for (const name of names) {
    if (PASSING.test(name)) continue
    const [path, copy] = [join(folder, name), join(to, name)]
    const status = lstatSync(path)
    if (status.isDirectory()) takeFolder(path, copy)
    else if (existsSync(copy) && isPart) continue
    else if (status.isSymbolicLink()) {
      if (!existsSync(copy)) symlinkSync(readlinkSync(path), copy)
    } else if (isPart) linkOrCopy(path, copy)
    else copyFileSync(path, copy)
  }
}

function linkOrCopy(path: string, to: string): void {
  try {
    linkSync(path, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error
    mkdirSync(dirname(to), { recursive: true })
    copyFileSync(path, to)
  }
}
