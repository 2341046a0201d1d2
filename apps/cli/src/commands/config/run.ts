import { configEntries, configSchema } from '@vedette/manager/config'
import { z } from 'zod'
import type { Invocation } from '../../command.ts'
import { settingLines } from '../../format/settings.ts'
import { printJson, printLine, safe } from '../../print.ts'
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
  const settings = entries.map(({ path, value, origin }) => ({
    key: safe(path),
    value,
    from: `(${safe(origin)})`,
  }))
  const { terminal, style } = invocation
  const lines = settingLines(settings, Math.max(40, terminal.columns), safe, style.dim)
  for (const line of lines) printLine(invocation, line)
}

/** Always JSON: it is a document for programs. */
export async function schema(invocation: Invocation): Promise<void> {
  printJson(invocation, z.toJSONSchema(configSchema(sections), { io: 'input', unrepresentable: 'any' }))
}
