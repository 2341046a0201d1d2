import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileInOneStep } from './write-file.ts'

/** The agent's id, drawn at the first start and kept beside its credential. Also the id of this host. */
export function keepIdentity(agentFolder: string): string {
  const path = join(agentFolder, 'id')
  try {
    const found = readFileSync(path, 'utf8').trim()
    if (/^[0-9a-f]{16}$/.test(found)) return found
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const id = randomBytes(8).toString('hex')
  writeFileInOneStep(path, `${id}\n`)
  return id
}
