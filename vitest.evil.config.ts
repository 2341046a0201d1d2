import { defineConfig } from 'vitest/config'

/**
 * Evil input in large numbers: `npm run test:evil`. One file a part in test/evil; `VEDETTE_EVIL_RUNS` sets how many inputs
 * each tries. What is fast and bounded of it also runs with the unit tests, beside the code.
 */
export default defineConfig({
  resolve: { conditions: ['vedette-source'] },
  test: {
    name: 'evil',
    include: ['test/evil/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 3_600_000,
    hookTimeout: 300_000,
  },
})
