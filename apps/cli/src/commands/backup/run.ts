import {
  copyFileSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { keyringStatus, type KeyringStatus } from '@vedette/store/keys'
import { packFolder, snapshotAudit, snapshotEvents, snapshotFiles } from '@vedette/store/backup'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { HomePaths } from '../../home.ts'
import { printJson, printLine, safe } from '../../print.ts'
import { version } from '../../version.ts'
import { ended, startAsServer } from '../state-lines/start.ts'
import { backupPassphrase } from './passphrase.ts'

/** What lies elsewhere in the backup, or is made anew. */
const LEFT = {
  server: ['pg', 'events', 'compiled', 'audit', 'audit-checkpoint', 'audit-checkpoints', 'audit-key'],
  // Its keys are for its spool alone.
  agent: [
    'spool',
    'keys',
    'spool-key',
    'compiled',
    'audit',
    'audit-checkpoint',
    'audit-checkpoints',
    'audit-key',
  ],
  operator: ['log', 'endpoint.json', 'parts.json'],
} as const

/**
 * The state first, then the events: so every event of an alert is there. All is taken beside the home folder and then packed,
 * so that nothing changes while it is read.
 */
export async function backup(
  invocation: Invocation,
  options: { readonly keyFile?: string },
  target: string,
): Promise<void> {
  const { paths, terminal, clock } = invocation
  const file = resolve(target)
  const passphrase = backupPassphrase(options.keyFile, terminal.env)
  if (existsSync(file)) {
    throw new CliError('file-exists', exitCodes.refused, `${file} is there already`, 'Name another file')
  }
  if (!existsSync(paths.server)) {
    throw new CliError('no-home', exitCodes.notFound, `There is nothing to back up in ${paths.home}`)
  }
  let master: KeyringStatus['master'] | undefined
  const staging = mkdtempSync(join(paths.home, '.backup-'))
  try {
    const dumping = startAsServer(paths, ['state-lines', 'dump'], ['ignore', 'pipe', 'pipe'])
    const dump = createWriteStream(join(staging, 'state.jsonl'), { mode: 0o600 })
    if (dumping.stdout === null) throw new TypeError('no standard output')
    await Promise.all([ended(dumping, 'read the state'), pipeline(dumping.stdout, dump)])

    for (const part of ['server', 'agent', 'operator'] as const) {
      const [from, to] = [paths[part], join(staging, part)]
      if (!existsSync(from)) continue
      snapshotFiles(from, to, LEFT[part])
      if (existsSync(join(from, 'audit'))) snapshotAudit(join(from, 'audit'), join(to, 'audit'))
    }
    const engine = join(paths.server, 'events', 'engine')
    if (existsSync(engine)) {
      mkdirSync(join(staging, 'server', 'events'), { mode: 0o700 })
      snapshotEvents(engine, join(staging, 'server', 'events', 'engine'))
    }
    if (existsSync(paths.configFile)) copyFileSync(paths.configFile, join(staging, 'vedette.yml'))
    const made = {
      backup: 1,
      version: version(),
      time: new Date(clock.now()).toISOString(),
      host: hostname(),
    }
    writeFileSync(join(staging, 'backup.json'), `${JSON.stringify(made)}\n`)

    master = keyringStatus(join(staging, 'server', 'keys'))?.master
    const part = `${file}.part`
    rmSync(part, { force: true })
    await packFolder(staging, part, passphrase)
    renameSync(part, file)
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
  const { size } = statSync(file)
  const isEncrypted = passphrase !== undefined
  if (invocation.json)
    printJson(invocation, { file, size_bytes: size, encrypted: isEncrypted, master_key: master?.id ?? null })
  else {
    printLine(invocation, `${safe(file)}: ${size} bytes, ${isEncrypted ? 'encrypted' : 'not encrypted'}`)
    if (!isEncrypted)
      printLine(invocation, 'It has keys and secrets of the house in it: --key-file encrypts it')
    if (master !== undefined) {
      printLine(
        invocation,
        `To restore it one also needs the master key ${master.id}, which is not in it: ${whereIs(paths, master)}`,
      )
    }
  }
}

function whereIs({ server }: HomePaths, { from }: KeyringStatus['master']): string {
  if (from === 'generated') return `keep a copy of ${safe(join(server, 'keys', 'master.key'))} elsewhere`
  return from === 'passphrase' ? 'it is made of your passphrase' : 'it is the one that you give'
}
