import {
  chownSync,
  createReadStream,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { CodedError } from '@vedette/base'
import { unpackFolder } from '@vedette/store/backup'
import { verifyOwnAudit } from '@vedette/store/verify-audit'
import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'
import { homePaths } from '../../home.ts'
import { mustExist } from '../../must-exist.ts'
import { printJson, printLine, safe } from '../../print.ts'
import type { Owner } from '../../up/home-folder.ts'
import { ensureSystemUser } from '../../up/system-user.ts'
import { backupPassphrase } from '../backup/passphrase.ts'
import { openKeys } from './open-keys.ts'
import { ended, startAsServer } from '../state-lines/start.ts'

const aboutSchema = z.object({
  backup: z.literal(1),
  version: z.string().max(64),
  time: z.iso.datetime(),
  host: z.string().max(255),
})

/**
 * Makes the home beside its place, and moves it there once all of it is right: a backup that cannot be read leaves
 * nothing.
 */
export async function restore(
  invocation: Invocation,
  options: { readonly keyFile?: string; readonly masterKeyFile?: string },
  file: string,
): Promise<void> {
  const { paths, terminal } = invocation
  mustExist([file])
  const passphrase = backupPassphrase(options.keyFile, terminal.env)
  if (existsSync(paths.home) && readdirSync(paths.home).length > 0) {
    throw new CliError(
      'not-empty',
      exitCodes.refused,
      `${paths.home} is not empty, and nothing of it is overwritten`,
      'Move it away, or name another folder with --home DIR',
    )
  }
  mkdirSync(dirname(paths.home), { recursive: true })
  const fresh = mkdtempSync(`${paths.home}.restoring-`)
  const restored = homePaths(fresh)
  try {
    await unpackFolder(file, fresh, passphrase)
    const about = aboutSchema.safeParse(JSON.parse(readFileSync(join(fresh, 'backup.json'), 'utf8')))
    if (!about.success) throw new CodedError('not-a-backup', 'This is a backup of another kind')
    const masterKey = openKeys(restored, options.masterKeyFile, invocation)
    if (process.getuid?.() === 0) chownAll(restored.server, await ensureSystemUser())
    const dump = join(fresh, 'state.jsonl')
    const loading = startAsServer(restored, ['state-lines', 'load'], ['pipe', 'ignore', 'pipe'], masterKey)
    if (loading.stdin === null) throw new TypeError('no standard input')
    // Where it ends early, it says why itself.
    const feeding = pipeline(createReadStream(dump), loading.stdin).catch(() => undefined)
    await Promise.all([ended(loading, 'bring the state back'), feeding])
    for (const part of [restored.server, restored.agent]) {
      const verdict = await verifyOwnAudit(join(part, 'audit'))
      if (!verdict.ok) throw new CodedError('audit-log-altered', `In the backup: ${verdict.fault.message}`)
    }
    for (const passing of [dump, join(fresh, 'backup.json')]) rmSync(passing)
    if (existsSync(paths.home)) rmdirSync(paths.home)
    renameSync(fresh, paths.home)
    if (invocation.json) printJson(invocation, { home: paths.home, ...about.data })
    else {
      const { host, time, version } = about.data
      printLine(
        invocation,
        `${safe(paths.home)} is as ${safe(host)} was at ${time}, Vedette ${safe(version)}`,
      )
      printLine(invocation, "'vedette up' starts it")
    }
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true })
    if (!(error instanceof CodedError)) throw error
    throw new CliError(
      error.code,
      exitCodes.verificationFailed,
      error.message,
      error instanceof CliError ? error.hint : undefined,
    )
  }
}

function chownAll(path: string, { uid, gid }: Owner): void {
  chownSync(path, uid, gid)
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    lchownSync(join(entry.parentPath, entry.name), uid, gid)
  }
}
