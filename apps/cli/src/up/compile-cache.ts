import { enableCompileCache } from 'node:module'

/**
 * Loaded before a part's own program: keeps its compiled code in its working folder, which nobody else may write. It makes
 * the next start quicker and saves the memory of what takes types off.
 */
enableCompileCache(`${process.cwd()}/compiled`)
