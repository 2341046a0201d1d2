import { execFile } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { globSync } from 'node:fs'
import type { Finished } from '../../test/house.ts'
import { type Block, edited } from './page.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const parts = ['packages', 'apps', 'bench', 'content', 'scripts', 'test']
const files = ['package.json', 'tsconfig.json', 'vitest.config.ts']

/**
 * A copy of the checkout in which a page's reader may change what the page says. It lies within the checkout, so that what
 * is installed there is found from it; only the workspaces are its own. Whoever makes it disposes of it.
 */
export class ScratchCheckout implements Disposable {
  readonly folder = join(root, 'docs', 'guide', `scratch-${process.pid}.generated`)
  readonly launcher = join(this.folder, 'apps', 'cli', 'bin', 'vedette')

  constructor() {
    const isSource = (path: string) => !/^(?:node_modules|dist)$/.test(basename(path))
    // The pages' own programs: scripts and tests import them.
    const pages = globSync('docs/guide/*.ts', { cwd: root, exclude: ['**/*.generated.ts'] })
    for (const part of [...parts, ...files, ...pages]) {
      cpSync(join(root, part), join(this.folder, part), { recursive: true, filter: isSource })
    }
    chmodSync(this.folder, 0o755)
    for (const manifest of globSync('{packages,apps}/*/package.json', { cwd: this.folder })) {
      const { name } = JSON.parse(readFileSync(join(this.folder, manifest), 'utf8')) as { name: string }
      const link = join(this.folder, 'node_modules', name)
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(join(this.folder, dirname(manifest)), link)
    }
  }

  /** Does to a file what a block of a page says: writes it, or changes it by a difference. */
  apply({ language, path = '', text }: Block): void {
    const file = join(this.folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, language === 'diff' ? edited(readFileSync(file, 'utf8'), text) : text)
  }

  /** Runs a command line of a page: `npx` runs what is installed, `node` the Node that runs this. */
  run(line: string): Promise<Finished> {
    const [program = '', ...words] = line.split(' ')
    const [name = '', ...rest] = program === 'npx' ? words : [program, ...words]
    const file =
      name === 'node'
        ? process.execPath
        : name === 'vedette'
          ? this.launcher
          : join(root, 'node_modules', '.bin', name)
    // Vitest tells a test that it is one, and would tell so the tests that it starts here.
    const inherited = Object.entries(process.env).filter(
      ([key]) => !/^(?:VITEST|NODE_ENV|TEST|FORCE_COLOR)/.test(key),
    )
    const env = { ...Object.fromEntries(inherited), NO_COLOR: '1' }
    return new Promise((resolve) => {
      execFile(
        file,
        rest,
        { cwd: this.folder, env, timeout: 110_000, maxBuffer: 16 << 20 },
        (error, stdout, stderr) => {
          const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
          resolve({ status, stdout, stderr })
        },
      )
    })
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
