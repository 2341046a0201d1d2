import { once } from 'node:events'
import { CodedError } from '@vedette/base'
import { openStateAdministration, type StateAdministration } from '@vedette/store/administration'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'
import { startAsServer } from '../state-lines/start.ts'
import { stateOptions } from './state-options.ts'

interface MigrateOptions {
  readonly rehearse?: boolean
  readonly to?: string
  readonly config?: string
}

export async function migrate(invocation: Invocation, options: MigrateOptions): Promise<ExitCode> {
  if (mustSwitchUser(invocation, options.config)) return runAsServer(invocation, options)
  await using administration = await openStateAdministration(stateOptions(invocation, options.config))
  if (options.rehearse === true) return await rehearse(invocation, administration)
  if (options.to !== undefined) await migrateTo(administration, options.to)
  return await status(invocation, administration)
}

/** Root may not run PostgreSQL, and who may cannot reach the folder by itself. */
function mustSwitchUser(invocation: Invocation, config: string | undefined): boolean {
  const store = stateOptions(invocation, config)
  return 'folder' in store && store.uid !== undefined && process.getuid?.() === 0
}

async function runAsServer({ paths, json }: Invocation, options: MigrateOptions): Promise<ExitCode> {
  const args = [
    'migrate',
    ...(options.rehearse === true ? ['--rehearse'] : []),
    ...(options.to === undefined ? [] : ['--to', options.to]),
    ...(json ? ['--json'] : []),
  ]
  const [code] = (await once(startAsServer(paths, args, 'inherit'), 'exit')) as [number | null]
  return (code ?? exitCodes.failure) as ExitCode
}

async function migrateTo(administration: StateAdministration, target: string): Promise<void> {
  try {
    await administration.migrate(target)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    if (error.code === 'in-use') {
      throw new CliError('in-use', exitCodes.refused, error.message, "Stop 'vedette up' first")
    }
    if (error.code === 'no-such-migration') {
      throw new CliError(error.code, exitCodes.notFound, safe(error.message), "See 'vedette migrate'")
    }
    throw error
  }
}

async function status(invocation: Invocation, administration: StateAdministration): Promise<ExitCode> {
  const { migrations, newer } = await administration.status()
  if (invocation.json) printJson(invocation, { migrations, newer })
  else {
    const { style } = invocation
    for (const { name, isApplied } of migrations) {
      printLine(invocation, `${isApplied ? style.good('in force') : 'waiting '}  ${name}`)
    }
    for (const name of newer)
      printLine(invocation, `${style.bad('unknown ')}  ${safe(name)}: of a newer Vedette`)
  }
  return newer.length > 0 ? exitCodes.failure : exitCodes.ok
}

async function rehearse(invocation: Invocation, administration: StateAdministration): Promise<ExitCode> {
  const { steps, problems } = await administration.rehearse()
  const ok = problems.length === 0
  if (invocation.json) printJson(invocation, { ok, steps, problems })
  else {
    printTable(
      invocation,
      [
        { title: 'STEP', flexible: true },
        { title: 'TABLES', align: 'right' },
        { title: 'ROWS', align: 'right' },
        { title: 'MS', align: 'right' },
      ],
      steps.map(({ name, rows, durationMs }) => {
        const counts = Object.values(rows)
        const sum = counts.reduce((total, count) => total + count, 0)
        return [name, String(counts.length), String(sum), String(durationMs)]
      }),
    )
    for (const problem of problems)
      printLine(invocation, `${invocation.style.bad('wrong')}  ${safe(problem)}`)
    if (ok) printLine(invocation, 'All rows are where they should be; the state itself was not touched')
  }
  return ok ? exitCodes.ok : exitCodes.verificationFailed
}
