import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { openControl } from './control.ts'

const settings = { version: '0.1.0', id: 'a1', credential: 'x'.repeat(43), home: '/var/lib/vedette/agent' }

test('the first line is the settings, orders follow, and the end is told', async () => {
  const input = new PassThrough()
  input.write(`${JSON.stringify(settings)}\n{"type":"server","url":"http://127.0.0.1:8000"}\n`)
  const control = await openControl(input)
  expect(control.settings).toMatchObject({ id: 'a1', logLevel: 'info', config: {}, own: { pids: [] } })
  const orders: unknown[] = []
  control.onOrder((order) => orders.push(order))
  input.write('not json\n{"type":"dance"}\n{"type":"server","url":"http://127.0.0.1:8001"}\n')
  input.end()
  await control.ended
  expect(orders).toEqual([
    { type: 'server', url: 'http://127.0.0.1:8000' },
    { type: 'server', url: 'http://127.0.0.1:8001' },
  ])
})

test('settings that cannot be used, and none at all, are told apart', async () => {
  const wrong = new PassThrough()
  wrong.end(`${JSON.stringify({ ...settings, colour: 'red' })}\n`)
  await expect(openControl(wrong)).rejects.toMatchObject({ code: 'settings-invalid' })
  const none = new PassThrough()
  none.end()
  await expect(openControl(none)).rejects.toMatchObject({ code: 'settings-missing' })
})
