import { existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { CodedError } from '@vedette/base'

/** A server that was killed leaves its PostgreSQL for a moment: the launcher tells it to stop, and it writes what it has. */
const LONGEST_WAIT_MS = 20_000
const POLL_MS = 20

/**
 * Waits for a PostgreSQL of a former process on this data folder to end. It is never signalled: by its pid alone another
 * process might be hit.
 *
 * @throws {CodedError} `postgres-running` when it is still there after 20 s
 */
export async function waitForPrevious(data: string): Promise<void> {
  const until = performance.now() + LONGEST_WAIT_MS
  for (;;) {
    const pid = pidInFile(data)
    if (pid === undefined) return
    const cwd = workingFolder(pid)
    if (cwd === undefined) {
      // It is gone, and PostgreSQL clears up what it left by itself; but while nobody has collected the dead process (a
      // container's init may never do it) PostgreSQL takes it for alive.
      if (existsSync(`/proc/${pid}`)) disown(data, pid)
      return
    }
    if (cwd !== data) {
      disown(data, pid)
      return
    }
    if (performance.now() > until) {
      throw new CodedError(
        'postgres-running',
        `Cannot start PostgreSQL: process ${pid} still runs on ${data}; end it and start again`,
      )
    }
    await delay(POLL_MS)
  }
}

/** First line of `postmaster.pid`. */
function pidInFile(data: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(join(data, 'postmaster.pid'), 'utf8'), 10)
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

/** A postmaster's working folder is its data folder. Undefined when there is no such process. */
function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch (error) {
    // EACCES: it belongs to another user, so it is not ours.
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? '' : undefined
  }
}

/**
 * The pid in the file belongs to another program by now, or to a dead process that nobody has collected, for which PostgreSQL would refuse to start. With our own pid in
 * its place (a parent's pid is never taken for a rival) it starts, and still checks that nobody uses the shared memory
 * that the file names.
 */
function disown(data: string, pid: number): void {
  const file = join(data, 'postmaster.pid')
  const text = readFileSync(file, 'utf8')
  if (text.startsWith(`${pid}\n`)) writeFileSync(file, text.replace(/^\d+/, String(process.pid)))
}
