import { accessSync, constants } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

/**
 * Loaded before a part's own program: keeps its compiled code, so that the next start is quicker and does without what
 * takes types off, which alone holds 20 MB. It lies beside the program where the part may write there, as the commands
 * keep theirs, and else in the part's own folder; either way where nobody but who may change the program, or is the part,
 * can write.
 */
const besideTheProgram = fileURLToPath(new URL('../../../../node_modules/.cache/vedette', import.meta.url))

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

enableCompileCache(mayWrite(besideTheProgram) ? besideTheProgram : `${process.cwd()}/compiled`)
