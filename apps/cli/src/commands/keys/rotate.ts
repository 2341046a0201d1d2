import { chownSync, existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CodedError } from '@vedette/base'
import { operations } from '@vedette/client/rest'
import { lockFile } from '@vedette/linux'
import { type GivenMasterKey, Keyring, masterKeySource } from '@vedette/store/keys'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'
import { printJson, printLine, safe } from '../../print.ts'
import { rest } from '../../rest.ts'
import { configure } from '../../up/configure.ts'
import { givenMasterKey, masterKeyAt } from '../../up/master-key.ts'
import { refusing, type Ring, ringsOf } from './rings.ts'

interface RotateOptions {
  readonly master?: boolean
  readonly to?: 'generated' | 'file' | 'environment' | 'passphrase'
  readonly file?: string
  readonly config?: string
}

/** What became of the keys of one part. */
interface Rotated {
  readonly part: Ring['part']
  readonly made: number
  /** File with the master key of before. */
  readonly kept: string | null
}

export async function rotate(invocation: Invocation, options: RotateOptions): Promise<void> {
  const { paths, terminal } = invocation
  if (options.to !== undefined && options.master !== true) {
    throw new CliError('wrong-option', exitCodes.usage, '--to needs --master', 'vedette keys rotate --help')
  }
  if (options.file !== undefined && options.to !== 'file' && options.to !== 'passphrase') {
    throw new CliError(
      'wrong-option',
      exitCodes.usage,
      '--file needs --to file or --to passphrase',
      'vedette keys rotate --help',
    )
  }
  const rings = ringsOf(paths)
  if (rings.length === 0) {
    throw new CliError(
      'no-keys',
      exitCodes.notFound,
      `There are no keys yet in ${paths.home}`,
      "'vedette up' makes them",
    )
  }
  const given = givenMasterKey(configure(paths, options.config, terminal.env), terminal.env)
  const done =
    options.to === undefined
      ? await whileItRuns(invocation, rings, options.master === true, given)
      : whileItRests(invocation, rings, options, given)
  if (invocation.json) return printJson(invocation, done)
  for (const { part, made, kept } of done) {
    const what = options.master === true ? 'a new master key' : `${made} new ${made === 1 ? 'key' : 'keys'}`
    printLine(invocation, `${part}: ${what}`)
    if (kept !== null) {
      printLine(invocation, `  The master key of before is in ${safe(kept)}: backups of before need it`)
    }
  }
  if (options.to !== undefined) {
    const { to, file } = options
    const place = file === undefined ? '' : `, file: ${safe(resolve(file))}`
    printLine(invocation, `Before the next start write into ${safe(paths.configFile)}:`)
    printLine(invocation, `  encryption: { master_key: ${to}${place} }`)
  }
}

/** The server changes its own, and the agent takes notice of what is changed in its folder. */
async function whileItRuns(
  invocation: Invocation,
  rings: readonly Ring[],
  isMaster: boolean,
  given: GivenMasterKey | undefined,
): Promise<Rotated[]> {
  if (isMaster && given !== undefined) {
    throw new CliError(
      'master-key-given',
      exitCodes.refused,
      'The master key is one that you give, so that you have to give the new one too',
      "Stop Vedette, then 'vedette keys rotate --master --to SOURCE'",
    )
  }
  const done: Rotated[] = []
  for (const { part, home } of rings) {
    if (part === 'server') {
      const what = isMaster ? 'master' : 'data'
      const { made, kept } = await rest(invocation)((to) => operations.rotateKeys({ body: { what } }, to))
      done.push({ part, made, kept })
      continue
    }
    const ring = refusing(() => open(invocation, home, given))
    done.push(
      refusing(() =>
        isMaster
          ? { part, made: 1, kept: ring.rotateMaster() ?? null }
          : { part, made: ring.rotate(), kept: null },
      ),
    )
    handOver(home)
  }
  return done
}

function whileItRests(
  invocation: Invocation,
  rings: readonly Ring[],
  { to = 'generated', file }: RotateOptions,
  given: GivenMasterKey | undefined,
): Rotated[] {
  const { paths, terminal } = invocation
  const fresh = masterKeyAt(
    { master_key: to, ...(file !== undefined && { file: resolve(file) }) },
    terminal.env,
    'VEDETTE_NEW_MASTER',
  )
  using held = lockFile(paths.lockFile)
  if (held === undefined) {
    throw new CliError(
      'in-use',
      exitCodes.refused,
      `Vedette runs in ${paths.home}`,
      "Stop 'vedette up' first",
    )
  }
  return rings.map(({ part, home }) =>
    refusing(() => {
      let ring: Keyring
      try {
        ring = open(invocation, home, given)
      } catch (error) {
        // An earlier try that ended between two parts: this one has the new key already.
        if (!(error instanceof CodedError) || error.code !== 'master-key-wrong') throw error
        try {
          open(invocation, home, fresh)
        } catch {
          throw error
        }
        return { part, made: 0, kept: null }
      }
      const kept = ring.rotateMaster(masterKeySource(home, fresh)) ?? null
      handOver(home)
      return { part, made: 1, kept }
    }),
  )
}

function open({ clock }: Invocation, home: string, given: GivenMasterKey | undefined): Keyring {
  return Keyring.open({ folder: join(home, 'keys'), master: masterKeySource(home, given), clock })
}

/** What root made in somebody else's folder is theirs. */
function handOver(home: string): void {
  const lock = join(home, 'keys', 'lock')
  const { uid, gid } = statSync(join(home, 'keys'))
  if (process.getuid?.() === 0 && uid !== 0 && existsSync(lock)) chownSync(lock, uid, gid)
}
