import { hash } from 'node:crypto'
import { latin1 } from '../bytes/text.ts'

const HEADER = 8
const ENTRY = 8
/** Packet number, hash and frame's header come before it. */
const SEARCHED_BYTES = 48
const MOST_TAGS = 128
const MOST_TEXT = 1024

export interface GoogleHello {
  readonly sni?: string
  readonly user_agent?: string
  readonly cyu_hash: string
  readonly cyu_string: string
}

/** The hello of Google's QUIC (Q046 and before): a map of tags ("QUIC Crypto", Langley and Chang, 2016). */
export function readGoogleHello(
  versionName: string,
  packet: Uint8Array,
  from: number,
): GoogleHello | undefined {
  const at = Buffer.from(
    packet.buffer,
    packet.byteOffset,
    Math.min(packet.length, from + SEARCHED_BYTES),
  ).indexOf('CHLO', from)
  if (at < 0 || at + HEADER > packet.length) return undefined
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length)
  const count = view.getUint16(at + 4, true)
  const valuesAt = at + HEADER + count * ENTRY
  if (count > MOST_TAGS || valuesAt > packet.length) return undefined
  const tags: string[] = []
  const values = new Map<string, string>()
  let start = 0
  for (let n = 0; n < count; n += 1) {
    const entry = at + HEADER + n * ENTRY
    const tag = latin1(packet.subarray(entry, entry + 4)).replaceAll('\0', '')
    const end = view.getUint32(entry + 4, true)
    if (end < start) return undefined
    tags.push(tag)
    values.set(
      tag,
      latin1(packet.subarray(valuesAt + start, Math.min(packet.length, valuesAt + end)), MOST_TEXT),
    )
    start = end
  }
  const text = `${Number(versionName.slice(1))},${tags.join('-')}`
  const sni = values.get('SNI')?.toLowerCase()
  const agent = values.get('UAID')
  return {
    ...(sni === undefined ? {} : { sni }),
    ...(agent === undefined ? {} : { user_agent: agent }),
    cyu_hash: hash('md5', Buffer.from(text, 'latin1')),
    cyu_string: text,
  }
}
