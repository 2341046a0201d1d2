import type { LogSource } from '@vedette/model'

/**
 * A Zeek log's path says what is in it, and is Sigma's service: `dns`, `http`, `smb_files`. Rotated and compressed
 * files keep it before the first dot, and before a time: `conn.log`, `conn.2026-11-20-10-00-00.log.gz`, `dns_20261120.log`.
 */
export function zeekSource(path: string | undefined): LogSource {
  return path === undefined ? { product: 'zeek' } : { product: 'zeek', service: path }
}

export function zeekPathOf(fileName: string): string | undefined {
  return /^([a-z][a-z0-9_]*?)(?:[._-]\d[^/]*?)?\.log(?:\.|$)/.exec(fileName)?.[1]
}
