import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What was kept at a path, as JSON; undefined where nothing was, or not what JSON can be. */
export async function readKept(path: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Writes it so that a crash leaves what was there or what is new, whole. On disk once it has resolved. */
export async function writeKept(path: string, value: object): Promise<void> {
  const next = `${path}.next`
  await withFile(next, 'w', async (file) => {
    await file.writeFile(JSON.stringify(value))
    await file.sync()
  })
  await rename(next, path)
  await withFile(dirname(path), 'r', (folder) => folder.sync())
}

async function withFile(
  path: string,
  flags: string,
  use: (file: Awaited<ReturnType<typeof open>>) => Promise<void>,
): Promise<void> {
  await using file = await open(path, flags, 0o600)
  await use(file)
}
