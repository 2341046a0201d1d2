import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { SecondTry } from './test/second-try.ts'

const isCi = Boolean(process.env['CI'])
/** For what runs beside other tests on a machine with other work; see SecondTry. */
const slow = { testTimeout: 120_000, hookTimeout: 120_000, retry: isCi ? 1 : 0 }

/**
 * What shares the machine with nothing else: it watches the kernel, counts every loss, freezes and kills, or measures. All
 * other integration tests run side by side.
 */
const alone = [
  'packages/{linux,respond}/src/**/*.integration.test.ts',
  'packages/collect/src/{choose,kernel/collectors}.integration.test.ts',
  'packages/collect/src/collectors/{audit,ebpf,proc-events}/**/*.integration.test.ts',
  'test/integration/up.test.ts',
]

/**
 * unit: fast, without anything outside. integration: real databases, servers, whole houses. browser: real Chromium. alone:
 * see above.
 */
export default defineConfig({
  resolve: {
    conditions: ['vedette-source'],
    // Vite would take graphql's ES modules where Node takes its CommonJS: two copies do not know each other's types.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    pool: 'forks',
    // Whoever waits for something waits for what is broken, not for a machine that is slow.
    expect: { poll: { interval: 20, timeout: 20_000 } },
    globalSetup: ['test/compiled-code.ts'],
    reporters: ['default', new SecondTry()],
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
          // They change nothing that another file sees: loading the same modules for each would be half of their time.
          isolate: false,
          testTimeout: 30_000,
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
            'test/faults/**/*.test.ts',
            'docs/guide/{api,cost,evasions,reliability,tiers}.test.ts',
          ],
          exclude: ['**/node_modules/**', ...alone],
          ...slow,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          ...slow,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: alone,
          ...slow,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
