import { hash } from 'node:crypto'
import { ByteReader } from '../bytes/byte-reader.ts'
import { latin1 } from '../bytes/text.ts'

const COOKIE_BYTES = 16
/** Of host key algorithms, and characters of a name: an honest end has two dozen. */
const MOST_NAMES = 64
const MOST_NAME = 256
const MOST_TEXT = 16_384

export interface KexInit {
  readonly clientAlgorithms: string
  readonly serverAlgorithms: string
  readonly hostKeyAlgorithms: readonly string[]
}

/** SSH_MSG_KEXINIT (RFC 4253, 7.1), from the byte after its message number; undefined where a list ends early. */
export function readKexInit(payload: Uint8Array): KexInit | undefined {
  const reader = new ByteReader(payload)
  reader.skip(COOKIE_BYTES)
  const list = (): string => latin1(reader.take(reader.u32()))
  const keyExchange = list()
  const hostKeys = list()
  const [encryptionOut, encryptionIn] = [list(), list()]
  const [macOut, macIn] = [list(), list()]
  const [compressionOut, compressionIn] = [list(), list()]
  if (reader.short) return undefined
  return {
    clientAlgorithms: `${keyExchange};${encryptionOut};${macOut};${compressionOut}`,
    serverAlgorithms: `${keyExchange};${encryptionIn};${macIn};${compressionIn}`,
    hostKeyAlgorithms:
      hostKeys === '' ? [] : hostKeys.split(',', MOST_NAMES).map((name) => name.slice(0, MOST_NAME)),
  }
}

/** HASSH, HASSHServer (github.com/salesforce/hassh): the MD5 of an end's algorithms, by which programs differ. */
export function hasshOf(algorithms: string): { readonly hassh: string; readonly hassh_algorithms: string } {
  return {
    hassh: hash('md5', Buffer.from(algorithms, 'latin1')),
    hassh_algorithms: algorithms.slice(0, MOST_TEXT),
  }
}
