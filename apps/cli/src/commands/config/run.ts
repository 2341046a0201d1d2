import { configEntries, configSchema } from '@vedette/manager/config'
import { z } from 'zod'
import type { Invocation } from '../../command.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'
import { configure, sections } from '../../up/configure.ts'

export async function check(
  invocation: Invocation,
  _options: object,
  file: string | undefined,
): Promise<void> {
  const { warnings } = configure(invocation.paths, file, invocation.terminal.env)
  if (invocation.json) return printJson(invocation, { ok: true, warnings })
  for (const warning of warnings)
    invocation.terminal.err(`${invocation.style.warn('note')}: ${safe(warning)}\n`)
  printLine(invocation, invocation.style.good('The configuration can be used.'))
}

export async function show(invocation: Invocation, { config }: { readonly config?: string }): Promise<void> {
  const loaded = configure(invocation.paths, config, invocation.terminal.env)
  const entries = configEntries(loaded)
  if (invocation.json) return printJson(invocation, { values: entries, warnings: loaded.warnings })
  for (const warning of loaded.warnings) {
    invocation.terminal.err(`${invocation.style.warn('note')}: ${safe(warning)}\n`)
  }
  printTable(
    invocation,
    [{ title: 'KEY' }, { title: 'VALUE', flexible: true }, { title: 'FROM' }],
    entries.map(({ path, value, origin }) => [safe(path), safe(JSON.stringify(value)), safe(origin)]),
  )
}

/** Always JSON: it is a document for programs. */
export async function schema(invocation: Invocation): Promise<void> {
  printJson(invocation, z.toJSONSchema(configSchema(sections), { io: 'input', unrepresentable: 'any' }))
}
