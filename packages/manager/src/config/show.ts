import type { Origin } from './environment.ts'
import { type LoadedConfig, mask } from './load.ts'
import { isPlain } from './plain.ts'

/** One value that holds. */
export interface ConfigEntry {
  /** Dotted. */
  readonly path: string
  /** Secrets as `[secret]`. */
  readonly value: unknown
  readonly origin: Origin
}

/** Every value that holds, in the order of the schema, each with where it came from. */
export function configEntries({ values, data, origins }: LoadedConfig): ConfigEntry[] {
  const entries: ConfigEntry[] = []
  const walk = (value: unknown, said: unknown, path: readonly string[]) => {
    const dotted = path.join('.')
    const origin = origins.get(dotted)
    // What was said is shown as it was said; a default is shown as the part sees it.
    if (origin !== undefined) entries.push({ path: dotted, value: mask(dotted, said), origin })
    else if (isAddress(value)) entries.push({ path: dotted, value: addressText(value), origin: 'default' })
    else if (isPlain(value)) {
      for (const [key, item] of Object.entries(value)) {
        walk(item, isPlain(said) ? said[key] : undefined, [...path, key])
      }
    } else if (value !== undefined)
      entries.push({ path: dotted, value: mask(dotted, value), origin: 'default' })
  }
  walk(values, data, [])
  return entries
}

function isAddress(value: unknown): value is { host: string; port: number } {
  return isPlain(value) && Object.keys(value).sort().join() === 'host,port'
}

function addressText({ host, port }: { host: string; port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
