import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

/**
 * Loaded before everything else by a process in which a fault is planted, and by all that it starts: `VEDETTE_PLANTED` says
 * which, as JSON. The file on disk stays as it is.
 */
const planted = process.env['VEDETTE_PLANTED']
if (planted !== undefined) {
  const { file, find, replace } = JSON.parse(planted) as { file: string; find: string; replace: string }
  const url = new URL(`../../${file}`, import.meta.url).href
  const pieces = readFileSync(fileURLToPath(url), 'utf8').split(find)
  if (pieces.length !== 2)
    throw new Error(`Cannot plant a fault in ${file}: the text is there ${pieces.length - 1} times`)
  const source = pieces.join(replace)
  registerHooks({
    load(address, context, next) {
      const loaded = next(address, context)
      return address === url ? { ...loaded, source } : loaded
    },
  })
}
