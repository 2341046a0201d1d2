/**
 * `node scripts/build-bpf.ts [folder]` compiles each *.bpf.c of the repository to the *.bpf.o beside it, or into a folder.
 *
 * The objects are committed, since they run on every kernel and a user has no compiler. They are compared with what this
 * makes (test/integration/bpf-objects.test.ts), byte for byte, so the compiler is fixed: clang 14, as in Debian 12.
 */
import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The sources, relative to the root of the repository. */
export function bpfSources(): string[] {
  return globSync(['packages/**/*.bpf.c', 'bench/**/*.bpf.c'], {
    cwd: root,
    exclude: (name) => name.includes('node_modules'),
  }).sort()
}

/** Compiles a source into a folder, by default its own. Returns the path of the object. */
export function buildBpf(source: string, folder?: string): string {
  const home = join(root, dirname(source))
  const file = basename(source)
  const object = join(folder ?? home, file.replace(/\.c$/, '.o'))
  const run = (command: string, args: string[]) =>
    execFileSync(command, args, { cwd: home, stdio: ['ignore', 'inherit', 'inherit'] })
  // Relative names, so that the line information holds nothing of the machine that compiles.
  const flags = '-target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -fdebug-compilation-dir=. -c'.split(' ')
  run('clang-14', [...flags, file, '-o', object])
  run('llvm-strip-14', ['-g', object])
  return object
}

if (import.meta.main) {
  for (const source of bpfSources()) console.log(buildBpf(source, process.argv[2]))
}
