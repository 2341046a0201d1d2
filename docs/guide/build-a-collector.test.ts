import { createSocket } from 'node:dgram'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startHouse } from '../../test/house.ts'
import { type Block, blocksOf, commandsOf } from './page.ts'
import { ScratchCheckout } from './scratch-checkout.ts'

/** The page is worked through: its files are written, its commands run, and the collector delivers. */
const blocks = blocksOf(fileURLToPath(new URL('build-a-collector.md', import.meta.url)))
let checkout: ScratchCheckout

beforeAll(() => {
  checkout = new ScratchCheckout()
  for (const block of blocks.filter(({ path }) => path !== undefined)) checkout.apply(block)
})
afterAll(() => checkout[Symbol.dispose]())

const commands = commandsOf(blocks)

test('the page has what is looked for here', () => {
  expect(commands.map((line) => line.split(' ')[1])).toEqual([
    'tsc',
    'vitest',
    'vedette',
    'vedette',
    'vedette',
  ])
})

test.each(commands.slice(0, 2))('%s', { timeout: 240_000 }, async (line) => {
  const { status, stdout, stderr } = await checkout.run(line)
  expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' })
})

test('a running house takes what is sent, and tells', async () => {
  const config = blocks.find(({ path }) => path === 'vedette.yml') as Block
  const sh = blocks.find(({ language }) => language === 'sh')?.text ?? ''
  const [, line = '', port = ''] = /^echo "(.*)" > \/dev\/udp\/127\.0\.0\.1\/(\d+)$/m.exec(sh) ?? []
  expect(config.text).toContain(`ports: [${port}]`)
  await using house = await startHouse({
    launcher: checkout.launcher,
    args: ['--config', join(checkout.folder, 'vedette.yml')],
  })
  const socket = createSocket('udp4')
  const message = line.replace('$(date -Is)', new Date().toISOString())
  await new Promise((resolve) => socket.send(message, Number(port), '127.0.0.1', resolve))
  socket.close()
  const wordsAfterName = (line: string) => line.split(' ').slice(2)
  const [, events = '', status = ''] = commands.slice(2)
  let shown = ''
  while (!shown.includes('203.0.113.9')) {
    await delay(100)
    shown = (await house.vedette(...wordsAfterName(events))).stdout
  }
  // Counters come with the agent's next report, within ten seconds.
  while (!/\/udp +running +1 +1 +0/.test(shown)) {
    await delay(500)
    shown = (await house.vedette(...wordsAfterName(status))).stdout
  }
})
