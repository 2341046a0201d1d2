import { createHmac } from 'node:crypto'
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
  const secret = createHmac('sha256', salt).update(connectionId).digest()
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
  return createHmac('sha256', secret).update(info).digest().subarray(0, length)
}
