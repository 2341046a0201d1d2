import { defineConfig } from 'vitest/config'

/**
 * What takes minutes and is seldom broken by a change elsewhere: the package as people install it, each evasion on each
 * sensor, and a watch that is ended, halted, frozen and flooded. `npm run test:long`; one by one, as each watches the whole
 * machine.
 */
export default defineConfig({
  resolve: { conditions: ['vedette-source'] },
  test: {
    name: 'long',
    include: ['test/long/**/*.test.ts'],
    globalSetup: ['test/compiled-code.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
})
