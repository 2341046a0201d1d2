import { defineConfig } from 'vitest/config'

/** Tests over the public corpora that lie beside the checkout, in ../shared. Without them every one of these fails. */
export default defineConfig({
  resolve: { conditions: ['vedette-source'] },
  test: {
    name: 'corpus',
    include: ['test/corpus/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
