import { hash } from 'node:crypto'
import { withoutGrease } from './grease.ts'

/** What fingerprints of a client hello are made of; GREASE still in it. */
export interface Offered {
  /** Of the hello itself; 1.2 for ever since. */
  readonly version: number
  /** Of the extension `supported_versions`. */
  readonly versions: readonly number[]
  readonly ciphers: readonly number[]
  readonly extensions: readonly number[]
  readonly groups: readonly number[]
  readonly formats: Iterable<number>
  readonly algorithms: readonly number[]
  readonly alpn: Uint8Array | undefined
}

export interface Fingerprinted {
  readonly hash: string
  readonly text: string
}

/** JA3 (github.com/salesforce/ja3): decimal numbers in the order of the hello, and their MD5. */
export function ja3Of(offered: Offered): Fingerprinted {
  const { version, ciphers, extensions, groups, formats } = offered
  return fingerprint([
    String(version),
    withoutGrease(ciphers).join('-'),
    withoutGrease(extensions).join('-'),
    withoutGrease(groups).join('-'),
    [...formats].join('-'),
  ])
}

/** JA3S: the same of what the server chose. */
export function ja3sOf(version: number, cipher: number, extensions: readonly number[]): Fingerprinted {
  return fingerprint([String(version), String(cipher), withoutGrease(extensions).join('-')])
}

function fingerprint(parts: readonly string[]): Fingerprinted {
  const text = parts.join(',')
  return { text, hash: hash('md5', text) }
}
