import { existsSync, realpathSync } from 'node:fs'
import { userInfo } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { CodedError } from '@vedette/base'
import { acceptFiles, baselineStatus, checkFiles, type DifferingFile } from '@vedette/manager/integrity'
import type { FileFactName, FileFacts } from '@vedette/model'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { bytes, count } from '../../format/quantity.ts'
import { printJson, printLine, safe } from '../../print.ts'

/** Differences that are told one by one. */
const MOST_TOLD = 100

export async function status(invocation: Invocation): Promise<ExitCode> {
  const found = await known(invocation, (folder) => baselineStatus(folder))
  if (invocation.json) {
    const { isKept, ...rest } = found
    printJson(invocation, { ...rest, running: isKept })
    return exitCodes.ok
  }
  const { style } = invocation
  const state = found.isKept
    ? style.good('kept up to date')
    : style.warn('not kept up to date: Vedette does not run')
  printLine(invocation, `${style.bold(files(found.files))} known, ${state}`)
  for (const path of found.paths) printLine(invocation, `  ${safe(path)}`)
  printLine(invocation)
  printDiffering(invocation, found.differing)
  if (found.differing.length === 0) printLine(invocation, style.good('All are as they were accepted.'))
  else printLine(invocation, style.dim('To take one for right: vedette integrity accept PATH'))
  return exitCodes.ok
}

export async function check(
  invocation: Invocation,
  _options: unknown,
  paths: readonly string[],
): Promise<ExitCode> {
  const wanted = paths.map(placeOf)
  const found = await known(invocation, (folder) => checkFiles(folder, wanted))
  if (invocation.json) {
    printJson(invocation, {
      files: found.files,
      bytes: found.readBytes,
      unreadable: found.refused,
      differing: found.differing,
    })
  } else {
    printDiffering(invocation, found.differing)
    const { style } = invocation
    const what = `${files(found.files)}, ${bytes(found.readBytes)}`
    const result =
      found.differing.length === 0
        ? style.good('Nothing differs')
        : style.bad(`${files(found.differing.length)} differ${found.differing.length === 1 ? 's' : ''}`)
    const left = found.refused > 0 ? ` ${style.warn(`${count(found.refused)} could not be read.`)}` : ''
    printLine(invocation, `${result}: ${what}.${left}`)
  }
  if (found.differing.length > 0) return exitCodes.found
  return found.refused > 0 ? exitCodes.incomplete : exitCodes.ok
}

export async function accept(
  invocation: Invocation,
  { all = false }: { readonly all?: boolean },
  paths: readonly string[],
): Promise<ExitCode> {
  if (all === paths.length > 0) {
    throw new CliError(
      'what-to-accept',
      exitCodes.usage,
      all ? 'Either --all or paths, not both' : 'Which files?',
      'Name files or folders, or say --all; vedette integrity status tells what differs',
    )
  }
  const wanted = paths.map(placeOf)
  const accepted = await known(invocation, (folder) =>
    acceptFiles(folder, { paths: wanted, actor: userInfo().username }),
  )
  if (invocation.json) printJson(invocation, { accepted })
  else if (accepted === 0) printLine(invocation, 'Nothing differs there: nothing was changed.')
  else printLine(invocation, invocation.style.good(`${files(accepted)} accepted.`))
  return exitCodes.ok
}

/** A path as the baseline has it: free of links, but for its last name. */
function placeOf(path: string): string {
  const absolute = resolve(path)
  try {
    return join(realpathSync(dirname(absolute)), basename(absolute))
  } catch {
    return absolute
  }
}

/** Does something with the baseline of this instance, and says what is wrong in the words of a command. */
async function known<T>({ paths }: Invocation, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(paths.agent, 'integrity')
  try {
    // A folder that may not be entered reads as one that is not there.
    if (!existsSync(folder) && existsSync(paths.agent))
      throw new CodedError('no-baseline', `There is no baseline of files in ${paths.home} yet`)
    return await work(folder)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    switch (code) {
      case 'no-baseline':
        throw new CliError(
          code,
          exitCodes.notFound,
          message,
          "It is made when 'vedette up' watches this machine; or name another folder with --home DIR",
        )
      case 'not-in-baseline':
        throw new CliError(code, exitCodes.notFound, message)
      case 'baseline-damaged':
        throw new CliError(
          code,
          exitCodes.verificationFailed,
          message,
          "'vedette up' makes another, and what changed until then is not told",
        )
      case 'refused':
        throw new CliError(code, exitCodes.refused, message)
      case 'no-answer':
        throw new CliError(code, exitCodes.failure, message)
      case 'EACCES':
        throw new CliError(
          'not-allowed',
          exitCodes.refused,
          `Not allowed to read ${folder}`,
          "Type the command as the user who started 'vedette up' (with sudo where that was root)",
        )
      default:
        throw error
    }
  }
}

function printDiffering(invocation: Invocation, differing: readonly DifferingFile[]): void {
  const { style } = invocation
  for (const one of differing.slice(0, MOST_TOLD)) {
    const colour = { created: style.warn, changed: style.bad, removed: style.bad }[one.change]
    const owner =
      one.package === undefined
        ? ''
        : `  ${style.dim(`${safe(one.package.name, 80)} ${safe(one.package.version, 80)}${one.package.verified === true ? ', as it was shipped' : ''}`)}`
    printLine(invocation, `${colour(one.change)}  ${safe(one.path)}${owner}`)
    for (const name of one.changed) {
      if (name === 'modified_time' || name === 'elf') continue
      printLine(invocation, `    ${name}: ${valueText(name, one.before)} -> ${valueText(name, one.after)}`)
    }
  }
  const more = differing.length - MOST_TOLD
  if (more > 0) printLine(invocation, style.dim(`and ${count(more)} more`))
}

function valueText(name: FileFactName, facts: FileFacts | undefined): string {
  const value = facts?.[name]
  if (value === undefined) return 'none'
  return safe(typeof value === 'object' ? JSON.stringify(value) : `${value}`, 200)
}

function files(number: number): string {
  return `${count(number)} ${number === 1 ? 'file' : 'files'}`
}
