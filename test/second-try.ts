import type { Reporter, TestModule } from 'vitest/node'

/**
 * Names every test that passed only when it was tried again. Where many tests share two cores, one that fails for the
 * machine's sake must not hide what the other thousands say; but it is a fault to be mended, and is never passed over.
 */
export class SecondTry implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const module of modules) {
      for (const test of module.children.allTests('passed')) {
        if (test.diagnostic()?.flaky !== true) continue
        const why = test.result().errors?.[0]?.message.split('\n')[0] ?? ''
        process.stdout.write(
          `passed at the second try only: ${module.relativeModuleId}: ${test.fullName}: ${why}\n`,
        )
      }
    }
  }
}
