import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const slow = { testTimeout: 120_000, hookTimeout: 120_000 }

/** unit: fast and alone. integration: real kernel, databases, processes. browser: real Chromium. */
export default defineConfig({
  resolve: {
    conditions: ['vedette-source'],
    // Vite would take graphql's ES modules where Node takes its CommonJS: two copies do not know each other's types.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    pool: 'forks',
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            '{packages,apps}/**/src/**/*.test.ts',
            'test/architecture.test.ts',
            'content/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', '**/*.integration.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: [
            '{packages,apps}/**/src/**/*.integration.test.ts',
            'test/integration/**/*.test.ts',
            'docs/guide/*.test.ts',
          ],
          exclude: ['**/node_modules/**'],
          ...slow,
          // They share the kernel, the cores and the clock of one machine.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          ...slow,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
