/** `npm run bench -- <name> [flags]`: runs one promise's benchmark; without a name, says which there are. */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const names = globSync('*.bench.ts', { cwd: folder })
  .map((file) => basename(file, '.bench.ts'))
  .sort()
const [name, ...flags] = process.argv.slice(2)

if (name === undefined || !names.includes(name)) {
  console.error(
    `${name === undefined ? 'Which benchmark?' : `No benchmark is called ${name}.`} There are: ${names.join(', ')}`,
  )
  process.exit(2)
}
const { status } = spawnSync(process.execPath, [`${folder}${name}.bench.ts`, ...flags], { stdio: 'inherit' })
process.exit(status ?? 1)
