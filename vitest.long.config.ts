import { defineConfig } from 'vitest/config'
import { SecondTry } from './test/second-try.ts'

/**
 * What takes minutes, mostly whole houses: the package as people install it, each evasion on each sensor, a watch that is
 * ended, halted, frozen and flooded, a fleet, a backup, bad input, a full disk, every command and example of the guide.
 * `npm run test:long`, of which `npm run test:guide` is the guide; one by one, as each watches the whole machine.
 */
export default defineConfig({
  resolve: { conditions: ['vedette-source'] },
  test: {
    name: 'long',
    include: ['test/long/**/*.test.ts', 'docs/guide/{guide,build-a-collector,write-a-rule}.test.ts'],
    reporters: ['default', new SecondTry()],
    retry: process.env['CI'] ? 1 : 0,
    globalSetup: ['test/compiled-code.ts'],
    pool: 'forks',
    expect: { poll: { interval: 20, timeout: 60_000 } },
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
})
