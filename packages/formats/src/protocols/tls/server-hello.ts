import type { ServerHelloFacts } from '@vedette/model'
import { ByteReader } from '../bytes/byte-reader.ts'
import { copied, hex, latin1 } from '../bytes/text.ts'
import { cipherName } from './cipher-names.ts'
import { extension, Extensions, protocolNames } from './extensions.ts'
import { ja3sOf } from './ja3.ts'
import { isTls13, versionName } from './version-names.ts'

export interface ServerHello {
  readonly facts: ServerHelloFacts
  readonly sessionId: string
  readonly isTls13: boolean
  /** A key that both ends had before was chosen. */
  readonly hasSharedKey: boolean
  /** It asks for another client hello, and will come again (RFC 8446, 4.1.4). */
  readonly isRetry: boolean
}

/** SHA-256 of `HelloRetryRequest`, instead of a random number. */
const RETRY = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c'
const MOST_NUMBERS = 512
const MOST_TEXT = 4096

/** A server hello (RFC 8446, 4.1.3; RFC 5246, 7.4.1.3) without the header of its message. Undefined where it ends early. */
export function readServerHello(body: Uint8Array): ServerHello | undefined {
  const reader = new ByteReader(body)
  const stated = reader.u16()
  const random = hex(reader.take(32))
  // Drafts before the 22nd left these two out.
  const isEarlyDraft = isTls13(stated)
  const sessionId = isEarlyDraft ? '' : hex(reader.take(reader.u8()))
  const cipher = reader.u16()
  if (!isEarlyDraft) reader.skip(1)
  if (reader.short || sessionId.length > 64) return undefined
  const extensions = new Extensions(reader)
  const chosen = extensions.read(extension.supportedVersions)
  const version = chosen === undefined || chosen.left < 2 ? stated : chosen.u16()
  const alpn = protocolNames(extensions.read(extension.alpn))[0]
  const ja3s = ja3sOf(stated, cipher, extensions.types)
  return {
    sessionId,
    isTls13: isTls13(version),
    hasSharedKey: extensions.has(extension.preSharedKey),
    isRetry: random === RETRY,
    facts: {
      // Only drafts have it as their own version.
      version: isEarlyDraft && version === 0x0304 ? 'TLS 1.3 draft-<16' : versionName(version),
      cipher: cipherName(cipher),
      ...(alpn === undefined ? {} : { server_alpn: latin1(alpn) }),
      server_extensions: extensions.types.slice(0, MOST_NUMBERS),
      ja3s_hash: ja3s.hash,
      ja3s_string: copied(ja3s.text, MOST_TEXT),
    },
  }
}
