/**
 * Makes `dist/` for the npm package: every server-side source with its types taken off, in the same tree as in the
 * checkout, so that a path relative to a module leads to the same worker, kernel program or rule in both.
 *
 * Node refuses to take types off below `node_modules`, so an installed package has to bring JavaScript.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
const room = '{packages/*,apps/{agent,server,cli}}'

/** Where a workspace's face lies: `@vedette/base` -> `packages/base/src/index.ts`, `@vedette/store/spool` -> its export. */
function faces(): Map<string, string> {
  const found = new Map<string, string>()
  const manifest = z.object({ name: z.string(), exports: z.record(z.string(), z.string()).optional() })
  for (const file of globSync(`${room}/package.json`, { cwd: root })) {
    const { name, exports = {} } = manifest.parse(JSON.parse(readFileSync(join(root, file), 'utf8')))
    for (const [path, target] of Object.entries(exports)) {
      found.set(join(name, path), join(dirname(file), target))
    }
  }
  return found
}

/** Points imports at the files that `dist/` has: `./x.ts` -> `./x.js`, `@vedette/x` -> the relative path of its face. */
export function rewriteImports(code: string, file: string, facesByName: ReadonlyMap<string, string>): string {
  return code
    .replace(/(['"])(\.{1,2}\/[^'"\n]+)\.ts\1/g, '$1$2.js$1')
    .replace(
      /(\bfrom\s*|\bimport\s*\(?\s*)(['"])(@vedette\/[^'"\n]+)\2/g,
      (whole, head: string, quote: string, name: string) => {
        const face = facesByName.get(name)
        if (face === undefined) throw new Error(`${file} imports ${name}, which no workspace exports`)
        const path = relative(dirname(file), face).replace(/\.ts$/, '.js')
        return `${head}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}` || whole
      },
    )
}

function build(): void {
  rmSync(dist, { recursive: true, force: true })
  const facesByName = faces()
  const sources = globSync(`${room}/src/**/*`, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !/\.test\.ts$|\/(?:cases|testing)\//.test(file))
  for (const file of sources) {
    const target = join(dist, file)
    mkdirSync(dirname(target), { recursive: true })
    if (!file.endsWith('.ts') || file.endsWith('.d.ts')) {
      copyFileSync(join(root, file), target)
      continue
    }
    const code = stripTypeScriptTypes(readFileSync(join(root, file), 'utf8'))
    writeFileSync(target.replace(/\.ts$/, '.js'), rewriteImports(code, file, facesByName))
  }
  cpSync(join(root, 'content'), join(dist, 'content'), {
    recursive: true,
    filter: (path) => !path.includes('/cases') && !path.endsWith('.test.ts'),
  })
  cpSync(join(root, 'apps/console/dist'), join(dist, 'apps/console/dist'), { recursive: true })
  const { name, version } = z
    .object({ name: z.string(), version: z.string() })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify({ name, version, type: 'module' }, null, 2)}\n`)
}

function declarations(): void {
  const declarationsOf = join(root, 'tsconfig.declarations.json')
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', declarationsOf], { stdio: 'inherit' })
  const facesByName = faces()
  for (const file of globSync('**/*.d.ts', { cwd: dist })) {
    const path = join(dist, file)
    writeFileSync(path, rewriteImports(readFileSync(path, 'utf8'), file, facesByName))
  }
}

if (import.meta.main) {
  build()
  declarations()
}
