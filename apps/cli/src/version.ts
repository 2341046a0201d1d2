import { readFileSync } from 'node:fs'

/** The version in the nearest package.json above this file that is Vedette's own. */
export function version(): string {
  for (let folder = new URL('.', import.meta.url); folder.pathname !== '/'; folder = new URL('..', folder)) {
    const found = manifestVersion(new URL('package.json', folder))
    if (found !== undefined) return found
  }
  return 'unknown'
}

function manifestVersion(url: URL): string | undefined {
  try {
    const manifest = JSON.parse(readFileSync(url, 'utf8')) as { name?: unknown; version?: unknown }
    return manifest.name === 'vedette' ? String(manifest.version) : undefined
  } catch {
    return undefined
  }
}
