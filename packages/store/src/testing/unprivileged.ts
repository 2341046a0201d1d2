import { chmodSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Whom PostgreSQL runs as in tests: it refuses to be root, so where the test is root it is `nobody`.
 */
export function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const nobody = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === 'nobody')
  const [, , uid, gid] = nobody ?? []
  if (uid === undefined || gid === undefined) throw new Error('this machine has no user nobody')
  return { uid: Number(uid), gid: Number(gid) }
}

/** A new folder under the system's folder for temporary files, which that user may enter. The caller removes it. */
export function newHome(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix))
  chmodSync(folder, 0o711)
  return folder
}
