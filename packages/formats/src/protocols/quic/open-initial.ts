import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { InitialKeys } from './initial-keys.ts'

const SAMPLE_AT = 4
const SAMPLE_BYTES = 16
const TAG_BYTES = 16

/** Takes the protection off an Initial packet (RFC 9001, 5.3, 5.4). Its frames; undefined where the keys do not fit. */
export function openInitial(packet: Uint8Array, numberAt: number, keys: InitialKeys): Uint8Array | undefined {
  const sampleAt = numberAt + SAMPLE_AT
  if (packet.length < sampleAt + SAMPLE_BYTES) return undefined
  const mask = createCipheriv('aes-128-ecb', keys.headerKey, null)
    .setAutoPadding(false)
    .update(packet.subarray(sampleAt, sampleAt + SAMPLE_BYTES))
  const first = (packet[0] ?? 0) ^ ((mask[0] ?? 0) & 0x0f)
  const numberBytes = (first & 3) + 1
  const header = Buffer.from(packet.subarray(0, numberAt + numberBytes))
  header[0] = first
  const nonce = Buffer.from(keys.iv)
  for (let n = 0; n < numberBytes; n += 1) {
    const byte = (header[numberAt + n] ?? 0) ^ (mask[n + 1] ?? 0)
    header[numberAt + n] = byte
    const at = nonce.length - numberBytes + n
    nonce[at] = (nonce[at] ?? 0) ^ byte
  }
  const end = packet.length - TAG_BYTES
  if (end < header.length) return undefined
  const cipher = createDecipheriv('aes-128-gcm', keys.key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(header)
  cipher.setAuthTag(packet.subarray(end))
  const frames = cipher.update(packet.subarray(header.length, end))
  try {
    cipher.final()
  } catch {
    return undefined
  }
  return frames
}
