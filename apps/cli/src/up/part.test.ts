import { expect, test } from 'vitest'
import { Part, type PartFailure, type PartOptions } from './part.ts'

/** A part that is a Node program of a few lines. */
function partOf(program: string, more: Partial<PartOptions> = {}) {
  const messages: Record<string, unknown>[] = []
  const logs: string[] = []
  let told: () => void = () => undefined
  const firstMessage = new Promise<void>((resolve) => {
    told = resolve
  })
  const part = new Part({
    name: 'server',
    command: () => ({ file: process.execPath, args: ['-e', program] }),
    settings: () => ({ colour: 'green' }),
    onMessage: (message) => {
      messages.push(message)
      told()
    },
    onLog: (line) => logs.push(line),
    onStart: () => undefined,
    graceMs: 5000,
    ...more,
  })
  return { part, messages, logs, firstMessage }
}

const ECHO_SETTINGS = `
process.stdin.once('data', (line) => console.log(JSON.stringify({ type: 'got', line: JSON.parse(line) })))
process.stdin.once('end', () => { console.log('{"type":"end"}'); process.exit(0) })
process.on('SIGTERM', () => {})
`

test('a part gets its settings as a line, and the end of its input as the order to stop', async () => {
  const { part, messages, firstMessage } = partOf(ECHO_SETTINGS)
  const stop = new AbortController()
  const ran = part.run(stop.signal)
  await firstMessage
  stop.abort()
  await ran
  expect(messages).toEqual([{ type: 'got', line: { colour: 'green' } }, { type: 'end' }])
  expect(part.pid).toBeUndefined()
})

test('a part that does not stop within its grace is killed', async () => {
  const stubborn = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('{"type":"up"}')`
  const { part, firstMessage } = partOf(stubborn, { graceMs: 100 })
  const stop = new AbortController()
  const ran = part.run(stop.signal)
  await firstMessage
  stop.abort()
  await ran
  expect(part.pid).toBeUndefined()
})

test('a part that ends by itself is a failure, and a fatal one with its own words', async () => {
  const { signal } = new AbortController()
  const gone = partOf('process.exit(3)')
  await expect(gone.part.run(signal)).rejects.toMatchObject({
    code: 'part-ended',
    fatal: false,
    message: 'The server ended by itself (exit code 3)',
  } satisfies Partial<PartFailure>)
  const fatal = partOf(
    `console.log(JSON.stringify({type:'fatal',code:'port-in-use',message:'taken'})); process.exit(1)`,
  )
  await expect(fatal.part.run(signal)).rejects.toMatchObject({
    code: 'port-in-use',
    fatal: true,
    message: 'taken',
  })
  const missing = partOf('', { command: () => ({ file: '/nonexistent/program', args: [] }) })
  await expect(missing.part.run(signal)).rejects.toThrow('ENOENT')
})

test('what is not JSON on its output, and all on its standard error, is log', async () => {
  const { part, logs } = partOf(`console.log('hello'); console.error('oh'); process.exitCode = 1`)
  await expect(part.run(new AbortController().signal)).rejects.toThrow('exit code 1')
  expect(logs.sort()).toEqual(['hello', 'oh'])
})

test('a part sees none of the variables of its supervisor', async () => {
  process.env['DATABASE_URL'] = 'postgres://not:for@parts/x'
  const { part, messages } = partOf(
    `console.log(JSON.stringify({ names: Object.keys(process.env) })); process.exitCode = 1`,
  )
  await expect(part.run(new AbortController().signal)).rejects.toThrow('exit code 1')
  delete process.env['DATABASE_URL']
  expect(messages[0]?.['names']).toContain('PATH')
  expect(messages[0]?.['names']).not.toContain('DATABASE_URL')
})

test('a part that was heard and then is silent is killed, also one that is stopped', async () => {
  const living = `const say = () => console.log('{"type":"alive"}'); say(); setInterval(say, 100); console.log('{"type":"up"}')`
  const { part, messages, firstMessage } = partOf(living, { longestSilenceMs: 1500 })
  const ran = part.run(new AbortController().signal)
  await firstMessage
  process.kill(part.pid as number, 'SIGSTOP')
  await expect(ran).rejects.toMatchObject({
    code: 'part-stuck',
    message: expect.stringMatching(/^The server gave no sign of life for \d s and was ended$/),
  })
  expect(messages).toEqual([{ type: 'up' }])
})
