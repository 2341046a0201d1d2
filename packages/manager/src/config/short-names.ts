import { ConfigError } from '@vedette/base'
import { isPlain } from './plain.ts'

/**
 * Keys that may stand at the top of the file, by themselves, for one deep within it: the five of a
 * `security_config.json`, which starts as it is.
 */
const SHORT_NAMES: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  ['max_failed_logins', 'suspicious_ports', 'blacklisted_ips', 'whitelisted_ips', 'threat_sensitivity'].map(
    (name) => [name, ['detection', 'parameters', name]],
  ),
)

/**
 * Moves each short name to where it belongs.
 *
 * @throws {ConfigError} when both the short and the long name are there
 */
export function expandShortNames(data: Record<string, unknown>, source: string): Record<string, unknown> {
  const expanded = structuredClone(data)
  for (const [short, path] of Object.entries(SHORT_NAMES)) {
    if (!(short in data)) continue
    delete expanded[short]
    let place: Record<string, unknown> = expanded
    for (const key of path.slice(0, -1)) {
      const below = place[key] ?? {}
      // What is not a mapping is for the schema to refuse.
      if (!isPlain(below)) return expanded
      place[key] = below
      place = below
    }
    const last = path.at(-1) ?? ''
    if (last in place) {
      throw new ConfigError(source, [
        { path: short, value: data[short], expected: `is said a second time as ${path.join('.')}` },
      ])
    }
    place[last] = data[short]
  }
  return expanded
}
