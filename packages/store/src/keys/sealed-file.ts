import { basename } from 'node:path'
import { CodedError } from '@vedette/base'
import type { Keyring } from './keyring.ts'
import { readPrivateFile, writePrivateFile } from './private-file.ts'
import { keyIdOf, openText, sealText } from './sealed-text.ts'
import { aboutOf } from './sealing-key.ts'

/**
 * What stands in a sealed file (0600); left out when there is none. One that lies there in the clear is sealed in its place.
 *
 * @throws {CodedError} `key-refused` when others may read it, `key-lost`, `sealed-altered`
 */
export function readSealedFile(ring: Keyring, path: string): string | undefined {
  const content = readPrivateFile(path)
  if (content === undefined) return undefined
  const text = content.toString('utf8').trim()
  content.fill(0)
  const id = keyIdOf(text)
  if (id === undefined) {
    writeSealedFile(ring, path, text)
    return text
  }
  const key = ring.find(id, 'files')
  if (key === undefined) {
    throw new CodedError(
      'key-lost',
      `${path} is sealed with key ${id}, which is not there: bring keys/keyring.json back from a backup; nothing was changed`,
    )
  }
  return openText(key, text, aboutOf('vedette file', basename(path)))
}

/** Seals a text and writes it (0600) in one step; it is on disk when this returns. */
export function writeSealedFile(ring: Keyring, path: string, text: string): void {
  writePrivateFile(path, `${sealText(ring.key('files'), text, aboutOf('vedette file', basename(path)))}\n`)
}

/** Seals a file with the key in use if it is not, and says whether it did. */
export function resealFile(ring: Keyring, path: string): boolean {
  const content = readPrivateFile(path)
  if (content === undefined || keyIdOf(content.toString('utf8').trim()) === ring.idOf('files')) return false
  const text = readSealedFile(ring, path)
  if (text !== undefined) writeSealedFile(ring, path, text)
  return true
}
