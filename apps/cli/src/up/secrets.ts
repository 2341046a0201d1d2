import { createHash, randomBytes } from 'node:crypto'
import { constants, closeSync, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { Secret } from '@vedette/base'
import { CliError } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'

/** 256 random bits in 43 characters of base64url. */
export function newSecret(): Secret {
  return new Secret(randomBytes(32).toString('base64url'))
}

/** SHA-256 in lower-case hex: what the server keeps of a token. */
export function sha256(secret: Secret): string {
  return createHash('sha256').update(secret.reveal()).digest('hex')
}

const SHAPE = /^[A-Za-z0-9_-]{43}$/

/**
 * The secret of a file (0600), made at the first start and on disk before it is used.
 *
 * @throws {CliError} `secret-refused` when others may read the file, or when it is not what was written
 */
export function keepSecret(path: string): Secret {
  const found = readSecret(path)
  if (found !== undefined) return found
  const secret = newSecret()
  writeNew(path, secret.reveal())
  return secret
}

function readSecret(path: string): Secret | undefined {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const { mode } = fstatSync(fd)
    if ((mode & 0o077) !== 0) {
      throw new CliError(
        'secret-refused',
        exitCodes.refused,
        `${path} can be read by others, so it is no secret any more`,
        `Type: rm ${path} (a new one is made at the next start)`,
      )
    }
    const text = readFileSync(fd, 'utf8').trim()
    // Cut off by a crash while it was written for the first time: nobody has it yet.
    if (text === '') return undefined
    if (!SHAPE.test(text)) {
      throw new CliError(
        'secret-refused',
        exitCodes.refused,
        `${path} does not hold a secret that was made here`,
        `Type: rm ${path} (a new one is made at the next start)`,
      )
    }
    return new Secret(text)
  } finally {
    closeSync(fd)
  }
}

function writeNew(path: string, text: string): void {
  const fd = openSync(
    path,
    constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW,
    0o600,
  )
  try {
    writeSync(fd, `${text}\n`)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  const folder = openSync(dirname(path), constants.O_RDONLY)
  fsyncSync(folder)
  closeSync(folder)
}
