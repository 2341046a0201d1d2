import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const besideTheProgram = fileURLToPath(new URL('../../../../node_modules/.cache/vedette', import.meta.url))

/**
 * A part's command with a folder for its compiled code, which its threads heed too: the next start is quicker, and in a
 * checkout does without what takes types off, which holds 20 MiB. Node must know of it before it loads the first module,
 * and who launches the part must not: it has rights that the part gives up, and would run what the part wrote there.
 *
 * The folder lies beside the program where that is the part's own, as the commands keep theirs, and else in the part's
 * folder; either way where nobody but who may change the program, or is the part, can write.
 *
 * @param uid whom the part runs as
 */
export function withCompiledCode(
  partFolder: string,
  uid: number,
  command: readonly string[],
): [file: string, ...args: string[]] {
  const folder =
    process.env['NODE_COMPILE_CACHE'] ??
    (isOwn(besideTheProgram, uid) ? besideTheProgram : join(partFolder, 'compiled'))
  return ['/usr/bin/env', `NODE_COMPILE_CACHE=${folder}`, ...command]
}

function isOwn(folder: string, uid: number): boolean {
  const found = statSync(folder, { throwIfNoEntry: false })
  return found !== undefined && found.isDirectory() && found.uid === uid && (found.mode & 0o200) !== 0
}
