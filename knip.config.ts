import { readFileSync } from 'node:fs'
import type { KnipConfig } from 'knip'

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  dependencies: Record<string, string>
}

/** Those that the root's own tests and scripts import. */
const direct = new Set(['@clickhouse/client', 'chdb', 'graphql', 'otpauth', 'ws', 'yaml', 'zod'])

const config: KnipConfig = {
  ignoreExportsUsedInFile: true,
  // The package that people install is the root's, so the root names what the workspaces import at run time
  // (test/long/package.test.ts holds the two together). Within the checkout the workspaces are judged.
  ignoreDependencies: Object.keys(dependencies).filter((name) => !direct.has(name)),
  // From Debian's coreutils, util-linux, mount, iproute2, gcc, nginx and wrk; a test or benchmark says so when one is missing.
  ignoreBinaries: [
    'fallocate',
    'gcc',
    'ip',
    'mkfifo',
    'mount',
    'nginx',
    'prlimit',
    'script',
    'taskset',
    'umount',
    'unshare',
    'wrk',
  ],
  workspaces: {
    '.': {
      entry: ['test/**/*.ts', 'bench/**/*.ts', 'scripts/*.ts', 'docs/**/*.test.ts', 'content/**/*.test.ts'],
      project: ['{test,bench,scripts,docs,content}/**/*.ts', '*.ts'],
    },
    'packages/*': { entry: ['src/**/*.worker.ts', 'src/**/testing/*.ts', 'src/launch/main.ts'] },
    'apps/*': { entry: ['src/main.ts', 'src/**/testing/*.ts'] },
    'apps/agent': { entry: ['src/main.ts', 'src/load/main.ts', 'src/**/testing/*.ts'] },
    // Fonts are imported by the style sheets.
    'apps/console': { ignoreDependencies: ['@fontsource-variable/.+'] },
  },
}

export default config
