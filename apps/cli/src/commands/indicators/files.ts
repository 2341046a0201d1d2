import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { text } from 'node:stream/consumers'
import { operations } from '@vedette/client/rest'
import type { Severity, Tlp } from '@vedette/model'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'
import { count } from '../../format/quantity.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'
import { rest } from '../../rest.ts'

type Body = Required<Parameters<typeof operations.importIndicators>[0]['body']>
type Format = Body['format']

export interface ImportOptions {
  readonly format?: Format
  readonly source?: string
  readonly mode: Body['mode']
  readonly dryRun?: boolean
  readonly suspects: boolean
  readonly confidence?: number
  readonly severity?: Severity
  readonly tlp?: Tlp
  readonly validDays?: number
}

type Answer = operations.ImportedIndicators

/** Rows of each list that a person is shown. */
const SHOWN = 20

export async function importFile(
  invocation: Invocation,
  options: ImportOptions,
  file: string,
): Promise<void> {
  const content = file === '-' ? await text(process.stdin) : readOrExplain(file)
  const { format, mode, dryRun, suspects, confidence, severity, tlp, validDays } = options
  const body = {
    content,
    source: options.source ?? (file === '-' ? 'import' : basename(file).slice(0, 100)),
    mode,
    dry_run: dryRun ?? false,
    leave_out_suspects: !suspects,
    ...(format !== undefined && { format }),
    defaults: {
      ...(confidence !== undefined && { confidence }),
      ...(severity !== undefined && { severity }),
      ...(tlp !== undefined && { tlp }),
      ...(validDays !== undefined && { valid_days: validDays }),
    },
  }
  const answer = await rest(invocation)((to) => operations.importIndicators({ body }, to))
  if (invocation.json) return printJson(invocation, answer)
  show(invocation, answer, suspects)
}

export async function exportAll(
  invocation: Invocation,
  { format, source }: { readonly format: Format; readonly source?: string },
): Promise<void> {
  const decoder = new TextDecoder()
  // The file may be large: it is printed as it comes, and the call has an empty answer.
  const printed: typeof fetch = async (...request) => {
    const response = await fetch(...request)
    if (!response.ok) return response
    for await (const piece of response.body ?? [])
      invocation.terminal.out(decoder.decode(piece, { stream: true }))
    return Response.json({})
  }
  const wanted = { format, ...(source !== undefined && { source }) }
  await rest(invocation, printed)((to) => operations.exportIndicators(wanted, to))
}

function show(invocation: Invocation, answer: Answer, suspectsKept: boolean): void {
  const { style } = invocation
  const { dry_run: dryRun, unit } = answer
  printLine(
    invocation,
    `${dryRun ? 'Would read' : 'Read'} ${count(answer.read)} ${unit}s as ${answer.format}: ${count(answer.valid)} indicators of ${safe(answer.source, 100)}`,
  )
  const will = (word: string, number: number) => `${count(number)} ${dryRun ? 'would be ' : ''}${word}`
  printLine(
    invocation,
    [
      will('added', answer.added),
      will('changed', answer.changed),
      will('left as they are', answer.unchanged),
      will('taken away', answer.removed),
    ].join(', '),
  )
  list(
    invocation,
    'Malformed, not taken',
    answer.malformed_count,
    answer.malformed.map((one) => [`${unit} ${one.place}`, one.reason, safe(one.text, 120)]),
  )
  list(
    invocation,
    suspectsKept
      ? 'Would raise alerts about honest machines'
      : 'Left out: would raise alerts about honest machines',
    answer.suspect_count,
    answer.suspects.map((one) => [`${unit} ${one.place}`, one.reason, safe(one.value, 120)]),
  )
  if (dryRun) {
    list(
      invocation,
      'Said twice',
      answer.duplicate_count,
      answer.duplicates.map((one) => [`${unit} ${one.place}`, '', safe(one.value, 120)]),
    )
    list(
      invocation,
      'Would be taken away',
      answer.removed,
      answer.examples.removed.map((one) => ['', one.type, safe(one.value, 120)]),
    )
    printLine(invocation, style.dim('Nothing was changed.'))
  }
}

function list(
  invocation: Invocation,
  title: string,
  total: number,
  rows: readonly (readonly string[])[],
): void {
  if (total === 0) return
  printLine(invocation)
  printLine(invocation, invocation.style.warn(`${title}: ${count(total)}`))
  printTable(
    invocation,
    [{ title: 'WHERE' }, { title: 'WHY' }, { title: 'WHAT', flexible: true }],
    rows.slice(0, SHOWN),
  )
  if (total > SHOWN)
    printLine(invocation, invocation.style.dim(`… and ${count(total - SHOWN)} more (--json has up to 1,000)`))
}

function readOrExplain(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError('unreadable', exitCodes.usage, `Cannot read ${safe(file, 300)}: ${safe(reason, 300)}`)
  }
}
