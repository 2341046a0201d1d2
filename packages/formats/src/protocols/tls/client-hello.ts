import type { ClientHelloFacts } from '@vedette/model'
import { ByteReader } from '../bytes/byte-reader.ts'
import { copied, hex, latin1 } from '../bytes/text.ts'
import { extension, Extensions, numbers, protocolNames, serverName } from './extensions.ts'
import { ja3Of, type Offered } from './ja3.ts'
import { ja4Of } from './ja4.ts'

export interface ClientHello {
  readonly facts: ClientHelloFacts
  /** Hex digits; empty where a new session is asked for. */
  readonly sessionId: string
}

/** In facts; fingerprints are made of all. */
const MOST_NUMBERS = 512
const MOST_ALPNS = 64
const MOST_TEXT = 8192

/** A hello in the form of SSL 2 (RFC 5246, E.2), from its version on. Undefined where it ends early. */
export function readSsl2Hello(body: Uint8Array): ClientHello | undefined {
  const reader = new ByteReader(body)
  const version = reader.u16()
  const specs = reader.part(new ByteReader(body, 2).u16() + 6)
  specs.skip(6)
  if (reader.short) return undefined
  const ciphers: number[] = []
  while (specs.left >= 3) {
    const isTls = specs.u8() === 0
    const cipher = specs.u16()
    // SSL 2 had ciphers of its own, of three bytes.
    if (isTls) ciphers.push(cipher)
  }
  return clientHello(
    {
      version,
      versions: [],
      ciphers,
      extensions: [],
      groups: [],
      formats: [],
      algorithms: [],
      alpn: undefined,
    },
    't',
  )
}

/**
 * A client hello (RFC 8446, 4.1.2; RFC 5246, 7.4.1.2) without the header of its message. Undefined where it ends before its
 * cipher suites do.
 */
export function readClientHello(body: Uint8Array, transport: 't' | 'q'): ClientHello | undefined {
  const reader = new ByteReader(body)
  const version = reader.u16()
  reader.skip(32)
  const sessionId = reader.take(reader.u8())
  const ciphers = numbers(reader.part(reader.u16()))
  reader.skip(reader.u8())
  if (reader.short || sessionId.length > 32) return undefined
  const extensions = new Extensions(reader)
  const groupsBody = extensions.read(extension.supportedGroups)
  const groups = numbers(groupsBody?.part(groupsBody.u16()))
  const formatsBody = extensions.read(extension.ecPointFormats)
  const formats = formatsBody?.take(formatsBody.u8()) ?? []
  const algorithmsBody = extensions.read(extension.signatureAlgorithms)
  const algorithms = numbers(algorithmsBody?.part(algorithmsBody.u16()))
  const versionsBody = extensions.read(extension.supportedVersions)
  const versions = numbers(versionsBody?.part(versionsBody.u8()))
  const alpns = protocolNames(extensions.read(extension.alpn))
  return clientHello(
    { version, versions, ciphers, extensions: extensions.types, groups, formats, algorithms, alpn: alpns[0] },
    transport,
    {
      sessionId: hex(sessionId),
      sni: serverName(extensions.read(extension.serverName)),
      alpns,
      isEncrypted: extensions.has(extension.encryptedClientHello),
    },
  )
}

interface Asked {
  readonly sessionId: string
  readonly sni: string | undefined
  readonly alpns: readonly Uint8Array[]
  readonly isEncrypted: boolean
}

const NOTHING: Asked = { sessionId: '', sni: undefined, alpns: [], isEncrypted: false }

function clientHello(offered: Offered, transport: 't' | 'q', asked = NOTHING): ClientHello {
  const { version, versions, ciphers, extensions, groups, algorithms } = offered
  const { sessionId, sni, alpns, isEncrypted } = asked
  const ja3 = ja3Of(offered)
  return {
    sessionId,
    facts: {
      ...(sni === undefined ? {} : { sni }),
      ...(alpns.length === 0 ? {} : { client_alpns: alpns.slice(0, MOST_ALPNS).map((name) => latin1(name)) }),
      client_versions: (versions.length === 0 ? [version] : versions).slice(0, MOST_NUMBERS),
      client_ciphers: ciphers.slice(0, MOST_NUMBERS),
      client_extensions: extensions.slice(0, MOST_NUMBERS),
      client_groups: groups.slice(0, MOST_NUMBERS),
      client_signature_algorithms: algorithms.slice(0, MOST_NUMBERS),
      ja3_hash: ja3.hash,
      ja3_string: copied(ja3.text, MOST_TEXT),
      ja4: ja4Of(offered, transport),
      ...(isEncrypted ? { encrypted_client_hello: true } : {}),
    },
  }
}
