import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const corpora = fileURLToPath(new URL('../../../shared/corpora/', import.meta.url))

/**
 * Unpacks an archive of ../shared/corpora into a folder of its own outside the checkout, which goes away with the value.
 *
 * @throws {Error} when the archive is not there: these tests are never skipped
 */
export function unpackCorpus(archive: string): Disposable & { readonly path: string } {
  const file = join(corpora, archive)
  if (!existsSync(file)) throw new Error(`Cannot test over the corpora: ${file} is not there`)
  const path = mkdtempSync(join(tmpdir(), 'vedette-corpus-'))
  const { status, stderr } = spawnSync('tar', ['-xf', file, '-C', path], { encoding: 'utf8' })
  if (status !== 0) {
    rmSync(path, { recursive: true })
    throw new Error(`Cannot unpack ${file}: ${stderr}`)
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}
