import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { PublicError } from './public-error.ts'

const derive = promisify(argon2)

/** OWASP's Password Storage Cheat Sheet: argon2id with 19 MiB, 2 passes, 1 lane. About 27 ms a guess. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const
const SALT_BYTES = 16
const TAG_BYTES = 32

const MIN_CHARACTERS = 12
const MAX_LENGTH = 1024

/** NIST SP 800-63B, 5.1.1.2: the same password typed on two keyboards is one password. */
function normal(password: string): string {
  return password.normalize('NFKC')
}

/**
 * Refuses a password that is too easy: under 12 characters, one character again and again, or the account's name with
 * little around it. Nothing is asked about its kinds of characters: length is what counts.
 *
 * @throws {PublicError} `password-refused`
 */
export function checkPassword(password: string, accountName: string): void {
  const refuse = (reason: string) => {
    throw new PublicError('password-refused', `Choose another password: ${reason}`)
  }
  if (password.length > MAX_LENGTH) refuse(`it has more than ${MAX_LENGTH} characters`)
  const characters = Array.from(normal(password))
  if (characters.length < MIN_CHARACTERS) refuse(`it has fewer than ${MIN_CHARACTERS} characters`)
  if (new Set(characters).size < 4) refuse('it repeats fewer than 4 characters')
  const rest = normal(password).toLowerCase().replaceAll(normal(accountName).toLowerCase(), '')
  if (rest.length !== normal(password).length && rest.length < 8) refuse('it is little more than the name')
}

/** A password's argon2id hash as a PHC string, with a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const tag = await derive('argon2id', {
    ...COST,
    message: normal(password),
    nonce: salt,
    tagLength: TAG_BYTES,
  })
  const { memory, passes, parallelism } = COST
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`
}

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d)\$([\w+/]{11,86})\$([\w+/]{22,86})$/

/** Whether a password is the one of a PHC string. False for a string that is none; compared in constant time. */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const found = PHC.exec(phc)
  if (!found || password.length > MAX_LENGTH) return false
  const [, memory, passes, parallelism, salt = '', expected = ''] = found
  const tag = Buffer.from(expected, 'base64')
  const derived = await derive('argon2id', {
    message: normal(password),
    nonce: Buffer.from(salt, 'base64'),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: tag.length,
  })
  return timingSafeEqual(derived, tag)
}

/** PHC's base64 has no padding. */
function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}
