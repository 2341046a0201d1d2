import { u16, u32, utf16 } from '../bytes/little-endian.ts'
import { latin1 } from '../bytes/text.ts'

const MOST_NAME = 512
const UNICODE = 1
const VERSION = 0x0200_0000

/** Who logs on, as a message of NTLM tells it. */
export interface Logon {
  readonly auth?: 'ntlm' | 'kerberos'
  readonly user?: string
  readonly domain?: string
  readonly hostname?: string
  readonly ntlm_version?: string
}

/** Mechanism of Kerberos within SPNEGO: 1.2.840.113554.1.2.2, and the number that Windows 2000 gave it. */
const KERBEROS = ['2a864886f712010202', '2a864882f712010202'].map((digits) => Buffer.from(digits, 'hex'))

/** Looks for a message of NTLM (MS-NLMP, 2.2.1) or for Kerberos in what a client sends to log on. */
export function readLogon(blob: Uint8Array): Logon {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.length)
  const at = bytes.indexOf('NTLMSSP\0', 0, 'latin1')
  if (at < 0) {
    // The token itself, and not only what the client could do.
    const isKerberos = KERBEROS.some((oid) => bytes.includes(oid)) && (bytes[0] === 0x60 || bytes[0] === 0xa1)
    return isKerberos ? { auth: 'kerberos' } : {}
  }
  const message = bytes.subarray(at)
  if (u32(message, 8) !== 3) return { auth: 'ntlm' }
  const flags = u32(message, 60)
  const text = (field: number): string => {
    const length = Math.min(u16(message, field), MOST_NAME)
    const from = u32(message, field + 4)
    if (length === 0 || from >= message.length) return ''
    return (flags & UNICODE) !== 0
      ? utf16(message, from, length)
      : latin1(message.subarray(from, from + length))
  }
  const [domain, user, hostname] = [text(28), text(36), text(44)]
  const major = message[64] ?? 0
  return {
    auth: 'ntlm',
    user,
    ...(domain !== '' && { domain }),
    ...(hostname !== '' && { hostname }),
    ...((flags & VERSION) !== 0 &&
      message.length >= 72 &&
      major !== 0 && {
        ntlm_version: `${major}.${message[65] ?? 0} build ${u16(message, 66)} rev ${message[71] ?? 0}`,
      }),
  }
}
