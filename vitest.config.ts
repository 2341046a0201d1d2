import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const slow = { testTimeout: 120_000, hookTimeout: 120_000 }

/** Real databases and servers, but nothing that watches the machine: these do not see each other. */
const services = [
  'packages/{store,intel}/src/**/*.integration.test.ts',
  'packages/manager/src/{intel,hunt,workshop}/**/*.integration.test.ts',
  'packages/manager/src/{correlation,detection-memory}.integration.test.ts',
  'apps/server/src/{graphql,rest}/**/*.integration.test.ts',
]

/** unit: fast and alone. services: real databases. integration: real kernel, processes, houses. browser: real Chromium. */
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
          name: 'services',
          include: services,
          ...slow,
          sequence: { groupOrder: 1 },
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
          exclude: ['**/node_modules/**', ...services],
          ...slow,
          // They share the kernel, the cores and the clock of one machine.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          ...slow,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
