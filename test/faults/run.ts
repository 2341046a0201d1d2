/**
 * `npm run test:faults -- R3 --seed 7`: the long form of a row; keeps what it found and writes the guide's page anew.
 * `--short` runs the short form and keeps nothing, `--planted` runs that with each planted fault, `--page` only writes the
 * page, `--hours 24` is for a row that is about a length of time. Exit code 1: something that was promised does not hold.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { describeMachine } from '../../bench/figures.ts'
import { reliabilityPage, resultsFolder, type RowResult } from '../../docs/guide/reliability.ts'
import { boundText, type Figure, keeps } from './row.ts'
import { rows } from './rows.ts'
import { runPlanted } from './run-planted.ts'

const say = (text: string) => process.stdout.write(`${text}\n`)

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    short: { type: 'boolean', default: false },
    planted: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    hours: { type: 'string' },
  },
})
const seed = Number(values.seed)

async function writePage(): Promise<void> {
  writeFileSync(new URL('../../docs/guide/reliability.md', import.meta.url), await reliabilityPage())
}

function tell(row: string, figures: readonly Figure[]): boolean {
  const broken = figures.filter((figure) => !keeps(figure))
  if (values.json) say(JSON.stringify(figures))
  else {
    for (const figure of figures)
      say(`${row}  ${figure.name}: ${figure.value} ${boundText(figure)}${keeps(figure) ? '' : '  BROKEN'}`)
  }
  return broken.length === 0
}

/** @returns whether all holds */
async function runRow(name: string): Promise<boolean> {
  const row = await rows.get(name)?.()
  if (row === undefined || !Number.isSafeInteger(seed)) {
    process.stderr.write(
      `No row ${name} with seed ${values.seed}. There are: ${[...rows.keys()].join(', ')}\n`,
    )
    process.exit(2)
  }
  if (values.planted) {
    let allFound = true
    for (const fault of row.planted) {
      const figures = await runPlanted(row.row, fault, seed)
      const broken = figures.find((figure) => figure.name === fault.breaks && !keeps(figure))
      say(
        `${row.row}  ${fault.mistake}: ${broken === undefined ? 'NOT FOUND' : `found, ${broken.name} ${broken.value}`}`,
      )
      allFound &&= broken !== undefined
    }
    return allFound
  }
  const startedMs = performance.now()
  const figures = await (values.short
    ? row.short(seed)
    : row.long(seed, values.hours === undefined ? {} : { hours: Number(values.hours) }))
  const holds = tell(row.row, figures)
  if (!values.short) {
    const seconds = Math.round((performance.now() - startedMs) / 1000)
    const result: RowResult = { row: row.row, seed, seconds, machine: describeMachine(), figures }
    mkdirSync(resultsFolder, { recursive: true })
    writeFileSync(new URL(`${row.row}.json`, resultsFolder), `${JSON.stringify(result, null, 2)}\n`)
    await writePage()
  }
  return holds
}

let holds = true
if (values.page) await writePage()
else if (positionals.length === 0)
  process.stderr.write(`Which row? There are: ${[...rows.keys()].join(', ')}\n`)
for (const name of positionals) holds = (await runRow(name)) && holds
process.exitCode = positionals.length === 0 && !values.page ? 2 : holds ? 0 : 1
