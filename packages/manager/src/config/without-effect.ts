import type { ConfigProblem } from '@vedette/base'
import { isPlain } from './plain.ts'

/**
 * What is known by its name and changes nothing in this version, and why. It is said, never taken in silence.
 */

/** Variables of the environment. */
export const withoutEffectVariables: Readonly<Record<string, string>> = {
  DATA_EXFILTRATION_THRESHOLD: 'no rule adds up sent bytes yet',
  REDIS_URL: 'live values are not shared between servers yet, and one server needs no Redis',
  JAEGER_ENDPOINT: 'traces are not exported yet',
}

/** Switches of the file, by section and key. */
const switches: readonly (readonly [section: string, key: string, reason: string])[] = [
  ['response', 'enable_isolation', 'no action isolates a process yet'],
  ['response', 'enable_network_block', 'no action blocks an address yet'],
]

/**
 * Takes the switches that have no effect out of a configuration.
 *
 * @returns one line for each that was there, and a fault for each that is neither true nor false
 */
export function takeSwitches(data: Record<string, unknown>): {
  readonly warnings: readonly string[]
  readonly problems: readonly ConfigProblem[]
} {
  const warnings: string[] = []
  const problems: ConfigProblem[] = []
  for (const [section, key, reason] of switches) {
    const below = data[section]
    if (!isPlain(below) || !(key in below)) continue
    const value = below[key]
    delete below[key]
    const path = `${section}.${key}`
    if (typeof value === 'boolean') warnings.push(`${path} is set and has no effect: ${reason}`)
    else problems.push({ path, value, expected: 'is refused: expected true or false' })
  }
  return { warnings, problems }
}
