import { hash } from 'node:crypto'
import type { Speaker } from '../protocol-parser.ts'
import type { QuicVersion } from './version.ts'

/** What the first packets of one end are protected with. Anyone who sees the first connection id can make them. */
export interface InitialKeys {
  readonly key: Buffer
  readonly iv: Buffer
  readonly headerKey: Buffer
}

/** RFC 9001, 5.2; RFC 9369, 3.3. */
export function initialKeys(
  { salt, label }: QuicVersion,
  connectionId: Uint8Array,
): Readonly<Record<Speaker, InitialKeys>> | undefined {
  if (salt === undefined) return undefined
  const secret = hmac(salt, connectionId)
  const keysOf = (end: string): InitialKeys => {
    const endSecret = expandLabel(secret, end, 32)
    return {
      key: expandLabel(endSecret, `${label}key`, 16),
      iv: expandLabel(endSecret, `${label}iv`, 12),
      headerKey: expandLabel(endSecret, `${label}hp`, 16),
    }
  }
  return { client: keysOf('client in'), server: keysOf('server in') }
}

/** HKDF-Expand-Label (RFC 8446, 7.1) with no context, of up to one hash's length. */
function expandLabel(secret: Buffer, label: string, length: number): Buffer {
  const name = `tls13 ${label}`
  const info = Buffer.concat([
    Buffer.from([0, length, name.length]),
    Buffer.from(name, 'latin1'),
    Buffer.from([0, 1]),
  ])
  return hmac(secret, info).subarray(0, length)
}

const BLOCK_BYTES = 64

/**
 * HMAC with SHA-256 (RFC 2104) of a short key and text. Nine are needed for one connection, and setting up Node's own costs
 * ten times what its hashing does.
 */
function hmac(key: Uint8Array, text: Uint8Array): Buffer {
  const inner = Buffer.alloc(BLOCK_BYTES + text.length, 0x36)
  const outer = Buffer.alloc(BLOCK_BYTES + 32, 0x5c)
  for (let n = 0; n < key.length; n += 1) {
    inner[n] = 0x36 ^ (key[n] ?? 0)
    outer[n] = 0x5c ^ (key[n] ?? 0)
  }
  inner.set(text, BLOCK_BYTES)
  outer.set(hash('sha256', inner, 'buffer'), BLOCK_BYTES)
  return hash('sha256', outer, 'buffer')
}
