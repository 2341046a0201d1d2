import { existsSync, readFileSync } from 'node:fs'
import { boundText, type Figure, keeps } from '../../test/faults/row.ts'
import { rows } from '../../test/faults/rows.ts'
import { markdownTable } from './markdown-table.ts'

/** What the last run of a row's long form found. */
export interface RowResult {
  readonly row: string
  readonly seed: number
  readonly seconds: number
  readonly machine: Readonly<Record<string, string | number>>
  readonly figures: readonly Figure[]
}

export const resultsFolder = new URL('../../test/faults/results/', import.meta.url)

const introduction = `# What holds when things fail

Each row is a load with faults, and what must hold all the same. The figures are those of the last run of its long form
(\`npm run test:faults -- R3 --seed 7\`), which writes this page; the same seed does the same again. A short form runs with all
other tests, and, in \`npm run test:long\` or with \`--planted\`, with mistakes put into Vedette's own code, each of which it has to find.
`

/** The page about reliability, from the rows and the results that are kept beside them. */
export async function reliabilityPage(): Promise<string> {
  const all = await Promise.all([...rows.values()].map((load) => load()))
  const parts = all.map(({ row, promise, planted }) => {
    const file = new URL(`${row}.json`, resultsFolder)
    const result = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RowResult) : undefined
    const found =
      result === undefined
        ? ['The long form has not been run.']
        : [
            ...markdownTable([
              ['figure', 'found', 'must be', ''],
              ...result.figures.map((figure) => [
                figure.name,
                figure.value.toLocaleString('en'),
                boundText(figure),
                figure.must === undefined ? '' : keeps(figure) ? 'holds' : '**broken**',
              ]),
            ]),
            '',
            `Seed ${result.seed}, ${result.seconds} s, on ${machineText(result.machine)}.`,
          ]
    const mistakes = planted.map(({ mistake }) => `- ${mistake}`)
    return [`## ${row}`, '', promise, '', ...found, '', 'Mistakes that it finds:', '', ...mistakes, ''].join(
      '\n',
    )
  })
  return [introduction, ...parts].join('\n')
}

function machineText(machine: RowResult['machine']): string {
  return Object.entries(machine)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}
