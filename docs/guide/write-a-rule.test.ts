import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startHouse } from '../../test/house.ts'
import { type Block, blocksOf, commandsOf } from './page.ts'
import { ScratchCheckout } from './scratch-checkout.ts'

/** The page is worked through: its rule is checked, used by a running house, and recorded with its cases. */
const blocks = blocksOf(fileURLToPath(new URL('write-a-rule.md', import.meta.url)))
const [check = '', up = '', list = '', record = '', judge = ''] = commandsOf(blocks)
const shell = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text.trim())
const rule = blocks.find(({ path }) => path?.endsWith('rule.yml')) as Block
let checkout: ScratchCheckout

beforeAll(() => {
  checkout = new ScratchCheckout()
  for (const block of blocks.filter(({ path }) => path !== undefined)) checkout.apply(block)
})
afterAll(() => checkout[Symbol.dispose]())

test('the rule loads', async () => {
  expect(await checkout.run(check)).toMatchObject({ status: 0, stderr: '' })
})

test('a fault of it is told with its place', async () => {
  const path = 'broken/rule.yml'
  checkout.apply({ ...rule, path, text: rule.text.replace('Image|endswith', 'Image|endwith') })
  const { status, stdout, stderr } = await checkout.run(check.replace(/rules$/, 'broken'))
  expect(status).not.toBe(0)
  expect(stdout + stderr).toMatch(/rule\.yml:\d+:\d+/)
  expect(stdout + stderr).toContain('endswith')
})

test('a running house uses it', async () => {
  const args = up.split(' ').slice(3)
  await using house = await startHouse({ launcher: checkout.launcher, args, cwd: checkout.folder })
  const title = /title: '\{process\.name\} (was started on) /.exec(rule.text)?.[1] ?? 'no title'
  let alerts = ''
  while (!alerts.includes(`tcc ${title}`)) {
    // What the page has its reader do.
    expect(spawnSync('/bin/sh', ['-c', shell[0] ?? '']).status).toBe(0)
    alerts = (await house.vedette(...list.split(' ').slice(2))).stdout
  }
})

test('its cases are recorded, and hold', { timeout: 240_000 }, async () => {
  needsRoot()
  const [, from = '', to = ''] = /^cp (\S+) (\S+)$/.exec(shell[1] ?? '') ?? []
  mkdirSync(join(checkout.folder, to), { recursive: true })
  copyFileSync(join(checkout.folder, from), join(checkout.folder, to, 'rule.yml'))
  const manifest = blocks.find(({ path }) => path?.endsWith('record.yml')) as Block
  const cases = join(checkout.folder, dirname(manifest.path ?? ''))
  const recorded = await checkout.run(record)
  expect({ ...recorded, stdout: '' }).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(readdirSync(cases).sort()).toEqual(['hit-tcc.json', 'miss-reader.json', 'record.yml'])
  const judged = await checkout.run(judge)
  expect({ status: judged.status, output: judged.status === 0 ? '' : judged.stdout }).toEqual({
    status: 0,
    output: '',
  })
  expect(judged.stdout).toMatch(/Tests +[1-9]\d* passed/)
  // Without its hit it does not hold.
  rmSync(join(cases, 'hit-tcc.json'))
  expect((await checkout.run(judge)).status).toBe(1)
})
