import { CliError } from '../../cli-error.ts'
import { exitCodes } from '../../exit-codes.ts'
import { safe } from '../../print.ts'

/**
 * `key=value`, as many as there are; a value may have equals signs.
 *
 * @throws {CliError} `usage`
 */
export function pairs(texts: readonly string[]): [string, string][] {
  return texts.map((text) => {
    const at = text.indexOf('=')
    if (at < 1) {
      throw new CliError('usage', exitCodes.usage, `Expected key=value, not ${safe(text, 100)}`)
    }
    return [text.slice(0, at), text.slice(at + 1)]
  })
}
