import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { CodedError, type Secret } from '@vedette/base'
import { z } from 'zod'
import { decrypt, encrypt, TAG_BYTES } from '../keys/aes-gcm.ts'
import {
  keyOfPassphrase,
  newPassphraseCost,
  type PassphraseCost,
  passphraseCostSchema,
} from '../keys/passphrase.ts'

/**
 * A backup's envelope: a line that names it, a line of JSON that tells how it is encrypted, and the content. Encrypted, that is
 * chunks of 64 KiB, each with AES-256-GCM under a key that argon2id (RFC 9106) makes of the passphrase. A nonce holds the
 * number of the chunk and whether it is the last one (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizar,
 * 2015), so none can be exchanged, left out or cut off.
 */
const MAGIC = 'vedette-backup 1\n'
const CHUNK_BYTES = 64 * 1024
const MAX_HEAD_BYTES = 1024

const headSchema = z.discriminatedUnion('encryption', [
  z.strictObject({ encryption: z.literal('none') }),
  z.strictObject({
    encryption: z.literal('aes-256-gcm'),
    passphrase: passphraseCostSchema,
    prefix: z.string().regex(/^[0-9a-f]{14}$/),
  }),
])

/** @param passphrase left out, the content is not encrypted */
export async function* seal(
  content: AsyncIterable<Uint8Array>,
  passphrase?: Secret,
): AsyncGenerator<Uint8Array> {
  if (passphrase === undefined) {
    yield Buffer.from(`${MAGIC}${JSON.stringify({ encryption: 'none' })}\n`)
    yield* content
    return
  }
  const [cost, prefix] = [newPassphraseCost(), randomBytes(7)]
  const said = { encryption: 'aes-256-gcm', passphrase: cost, prefix: prefix.toString('hex') }
  const head = Buffer.from(`${MAGIC}${JSON.stringify(said)}\n`)
  const key = keyOf(passphrase, cost)
  yield head
  let number = 0
  for await (const { bytes, isLast } of chunksOf(content, CHUNK_BYTES)) {
    yield encrypt(key, nonce(prefix, number, isLast), bytes, head)
    number += 1
  }
}

/**
 * The content of what `seal` made. No chunk is given before it was verified.
 *
 * @throws {CodedError} `not-a-backup`, `passphrase-missing`, `backup-locked` (the passphrase is wrong, or it was altered)
 */
export async function* unseal(
  sealed: AsyncIterable<Uint8Array>,
  passphrase?: Secret,
): AsyncGenerator<Uint8Array> {
  const source = sealed[Symbol.asyncIterator]()
  const { head, said, rest } = await readHead(source)
  const body = followedBy(rest, { [Symbol.asyncIterator]: () => source })
  if (said.encryption === 'none') {
    yield* body
    return
  }
  if (passphrase === undefined) {
    throw new CodedError('passphrase-missing', 'The backup is encrypted, and there is no passphrase')
  }
  const key = keyOf(passphrase, said.passphrase)
  const prefix = Buffer.from(said.prefix, 'hex')
  let number = 0
  for await (const { bytes, isLast } of chunksOf(body, CHUNK_BYTES + TAG_BYTES)) {
    let plain: Buffer
    try {
      plain = decrypt(key, nonce(prefix, number, isLast), bytes, head)
    } catch (error) {
      throw locked(error)
    }
    yield plain
    number += 1
  }
}

async function readHead(source: AsyncIterator<Uint8Array>) {
  let bytes = Buffer.alloc(0)
  let end = -1
  while (end === -1 && bytes.length < MAX_HEAD_BYTES) {
    const next = await source.next()
    if (next.done === true) break
    bytes = Buffer.concat([bytes, next.value])
    if (bytes.length >= MAGIC.length) end = bytes.indexOf(0x0a, MAGIC.length)
  }
  const no = (cause?: unknown) => new CodedError('not-a-backup', 'This is not a backup of Vedette', { cause })
  if (end === -1 || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) throw no()
  let json: unknown
  try {
    json = JSON.parse(bytes.toString('utf8', MAGIC.length, end))
  } catch (error) {
    throw no(error)
  }
  const said = headSchema.safeParse(json)
  if (!said.success) throw no(said.error)
  return { head: bytes.subarray(0, end + 1), said: said.data, rest: bytes.subarray(end + 1) }
}

async function* followedBy(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first
  yield* rest
}

/** The same bytes in pieces of one size; the last one, which is told as such, may be shorter, and empty. */
async function* chunksOf(
  content: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<{ readonly bytes: Buffer; readonly isLast: boolean }> {
  let held = Buffer.alloc(0)
  for await (const bytes of content) {
    held = Buffer.concat([held, bytes])
    while (held.length > size) {
      yield { bytes: held.subarray(0, size), isLast: false }
      held = held.subarray(size)
    }
  }
  yield { bytes: held, isLast: true }
}

function nonce(prefix: Buffer, number: number, isLast: boolean): Buffer {
  const tail = Buffer.alloc(5)
  tail.writeUInt32BE(number)
  tail.writeUInt8(isLast ? 1 : 0, 4)
  return Buffer.concat([prefix, tail])
}

function keyOf(passphrase: Secret, cost: PassphraseCost): KeyObject {
  const secret = keyOfPassphrase(passphrase, cost)
  try {
    return createSecretKey(secret)
  } finally {
    secret.fill(0)
  }
}

function locked(cause?: unknown): CodedError {
  return new CodedError(
    'backup-locked',
    'The backup cannot be opened: the passphrase is wrong, or the file was altered or cut',
    { cause },
  )
}
