import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the program itself lies, real paths. */
export interface ProgramFiles {
  /** What `node` is given to start a part. */
  readonly serverMain: string
  readonly agentMain: string
  /** Rules and what else an analyst edits. */
  readonly content: string
  /** The built console; left out where it was not built. */
  readonly console: string | undefined
  /** Everything above and all that it imports lies below these, and so does the Node that runs. */
  readonly roots: readonly string[]
}

/** Finds the program's files from this one: the checkout and the package have the same tree. */
export function findProgramFiles(): ProgramFiles {
  const top = realpathSync(fileURLToPath(new URL('../../../..', import.meta.url)))
  const file = (path: string) => realpathSync(fileURLToPath(new URL(path, import.meta.url)))
  const page = join(top, 'apps/console/dist')
  // In a workspace of something larger they lie above it.
  const packages = realpathSync(fileURLToPath(import.meta.resolve('zod')))
  return {
    serverMain: file('../../../server/src/main.ts'),
    agentMain: file('../../../agent/src/main.ts'),
    content: join(top, 'content'),
    console: existsSync(join(page, 'index.html')) ? page : undefined,
    roots: [...new Set([importRoot(top), importRoot(packages), dirname(realpathSync(process.execPath))])],
  }
}

/** The folder in which all that is imported lies: the outermost `node_modules` around an installed package, or the checkout. */
function importRoot(top: string): string {
  const parts = top.split(sep)
  const outermost = parts.indexOf('node_modules')
  return outermost < 0 ? top : parts.slice(0, outermost + 1).join(sep)
}
