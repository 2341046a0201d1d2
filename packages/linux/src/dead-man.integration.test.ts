import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const own = JSON.stringify(new URL('./dead-man.ts', import.meta.url).href)

/** Runs a script that has the function; gives the signal that ended it. */
function run(script: string) {
  const code = `import { dieUnlessRenewed } from ${own}; ${script}`
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], { timeout: 60_000 }).signal
}

test('dieUnlessRenewed() ends a process that never comes round', () => {
  expect(run('dieUnlessRenewed(100); for (;;);')).toBe('SIGALRM')
})

test('and lets one be that renews it, or calls it off', () => {
  expect(run('dieUnlessRenewed(60_000); dieUnlessRenewed(30_000)')).toBeNull()
  expect(
    run('dieUnlessRenewed(200); dieUnlessRenewed(0); await new Promise((done) => setTimeout(done, 400))'),
  ).toBeNull()
})
