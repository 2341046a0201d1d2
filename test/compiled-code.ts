import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * One folder of compiled code for all the programs that the tests start. A house keeps its own in its home, and each home
 * of a test is new: half of a start's time would go into compiling the same files again. Every user may keep theirs in it,
 * as in the folder for temporary files, and it is gone after the run.
 */
export function setup(): (() => void) | undefined {
  // Every project brings this setup; the first makes the folder.
  if (process.env['NODE_COMPILE_CACHE'] !== undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'vedette-compiled-'))
  chmodSync(folder, 0o1777)
  process.env['NODE_COMPILE_CACHE'] = folder
  return () => {
    delete process.env['NODE_COMPILE_CACHE']
    rmSync(folder, { recursive: true, force: true })
  }
}
