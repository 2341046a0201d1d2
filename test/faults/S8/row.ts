import type { FaultRow } from '../row.ts'
import { page } from './page.ts'
import { sinks } from './sinks.ts'

export const s8: FaultRow = {
  row: 'S8',
  promise:
    'Texts as an attacker would choose them (markup, formulas, ends of lines, orders to a terminal, SQL, commands) stand in every ' +
    'field that an agent fills, of events of every kind made from the schema. They are stored and found as they came; no ' +
    'script runs in the pages of the console (a real Chromium, in the long form), no cell of CSV is a formula, no control byte ' +
    'reaches a terminal or the log, no shell is ever called, and one event is one line. What a program is sent is the JSON ' +
    'that is counted here; there is no webhook yet.',
  short: (seed) => sinks(seed, { payloads: 40, alerts: 20 }),
  long: (seed) => page((console, beyond) => sinks(seed, { payloads: 200, alerts: 60 }, { console, beyond })),
  planted: [
    {
      mistake: 'a cell begins with an equals sign',
      file: 'packages/base/src/csv-line.ts',
      find: '/^[=+\\-@\\t\\r]/',
      replace: '/^[+\\-@\\t\\r]/',
      breaks: 'cells that are formulas',
    },
    {
      mistake: 'JSON goes to the terminal as it is',
      file: 'apps/cli/src/print.ts',
      find: 'visibleJson(JSON.stringify(value))',
      replace: 'JSON.stringify(value)',
      breaks: 'control bytes in JSON',
    },
    {
      mistake: 'a search is put into the statement',
      file: 'packages/store/src/events/filter.ts',
      find: 'const text = JSON.stringify(bounded(',
      replace: 'const text = String(bounded(',
      breaks: 'events that a search for their own text does not find',
    },
  ],
}
