/** What differs between versions of QUIC, as far as the first packets go. */
export interface QuicVersion {
  readonly name: string
  /** Of the keys of first packets; none where nothing is encrypted (Google's own). */
  readonly salt: Uint8Array | undefined
  /** Before `key`, `iv`, `hp` in the labels of keys. */
  readonly label: string
  /** Type in the long header. */
  readonly initial: number
  readonly retry: number
}

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))

/** RFC 9001, 5.2; RFC 9369, 3.3.1; and of the drafts that were in use. */
const SALT_1 = bytes('38762cf7f55934b34d179ae6a4c80cadccbb7f0a')
const SALT_2 = bytes('0dede3def700a6db819381be6e269dcbf9bd2ed9')
const SALT_29 = bytes('afbfec289993d24c9e9786f19c6111e04390a899')
const SALT_23 = bytes('c3eef712c72ebb5a11a7d2432bb46365bef9f502')

const VERSION_1: QuicVersion = { name: '1', salt: SALT_1, label: 'quic ', initial: 0, retry: 3 }
const VERSION_2: QuicVersion = { name: '2', salt: SALT_2, label: 'quicv2 ', initial: 1, retry: 0 }

/** The version with this number; undefined where it is not known. */
export function quicVersion(number: number): QuicVersion | undefined {
  if (number === 1) return VERSION_1
  if (number === 0x6b3343cf) return VERSION_2
  if (number >>> 8 === 0xff0000) return draft(number & 0xff)
  if (number >>> 16 === 0x5130) return google(number)
  return undefined
}

function draft(number: number): QuicVersion | undefined {
  if (number < 23 || number > 34) return undefined
  const salt = number < 29 ? SALT_23 : number < 33 ? SALT_29 : SALT_1
  return { ...VERSION_1, name: `draft-${number}`, salt }
}

/** `Q039` to `Q046`: the hello is not encrypted. */
function google(number: number): QuicVersion | undefined {
  const tens = (number >>> 8) & 0xff
  const ones = number & 0xff
  if (tens < 0x33 || tens > 0x34 || ones < 0x30 || ones > 0x39) return undefined
  return { ...VERSION_1, name: String.fromCharCode(0x51, 0x30, tens, ones), salt: undefined }
}
