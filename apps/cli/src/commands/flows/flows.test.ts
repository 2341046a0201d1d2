import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@vedette/base'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runProgram } from '../../program.ts'

const capture = fileURLToPath(
  new URL('../../../../../packages/formats/src/pcap/cases/conversations/input.pcap', import.meta.url),
)
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-flows-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function run(...args: string[]) {
  let out = ''
  let err = ''
  const terminal = {
    out: (text: string | Buffer) => void (out += text.toString()),
    err: (text: string) => void (err += text),
    colour: false,
    interactive: false,
    columns: 100,
    env: { VEDETTE_HOME: folder, HOME: folder },
    uid: process.getuid?.() ?? 0,
  }
  const code = await runProgram(args, terminal, systemClock, new AbortController().signal)
  return { code, out, err }
}

test('flows prints conversations and what was said in them', async () => {
  const { code, out } = await run('flows', capture)
  expect(code).toBe(0)
  expect(out).toMatch(/^START +DURATION +PROTO +FROM +TO +APP +BYTES THERE +BACK +PACKETS +STATE\n/)
  expect(out).toMatch(
    /2023-11-14 22:13:20\.000000Z +3\.25 ms +udp +192\.0\.2\.1:40001 +192\.0\.2\.53:53 +dns +\S+ B +\S+ B +1\/1 +ended\n/,
  )
  expect(out).toMatch(/\[2001:db8::1\]:40002 +\[2001:db8::7\]:8080 +http .* 5\/3 +closed\n/)
  expect(out).toMatch(/20\.003250Z +dns +192\.0\.2\.53:53 told 192\.0\.2\.1:40001 of example\.com \(A\): /)
})

test('flows --json prints one Event a line', async () => {
  const { code, out } = await run('flows', '--json', capture)
  const events = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; flow?: { state: string } })
  expect(code).toBe(0)
  expect(events.map(({ kind }) => kind).sort()).toEqual([
    'network',
    'network',
    'protocol',
    'protocol',
    'protocol',
  ])
})

test('what is no capture, is damaged or is empty is told', async () => {
  const text = join(folder, 'text.log')
  writeFileSync(text, 'no packets\n')
  expect(await run('flows', text)).toEqual({ code: 1, out: '', err: `unreadable: ${text}: no capture\n` })
  const empty = join(folder, 'empty.pcap')
  writeFileSync(empty, Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex'))
  expect(await run('flows', empty)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^No conversations/),
  })
  const cut = join(folder, 'cut.pcap')
  writeFileSync(cut, Buffer.from('d4c3b2a1020004000000000000000000ffff00000100000001', 'hex'))
  expect(await run('flows', '--json', cut)).toEqual({
    code: 1,
    out: '',
    err: `${JSON.stringify({ unreadable: { file: cut, offset: 24, reason: 'cut-short' } })}\n`,
  })
  expect((await run('flows', join(folder, 'missing'))).code).toBe(5)
})

test('replay judges a capture in order of time, with rules that count', async () => {
  const rules = join(folder, 'rules')
  const names = { selection: { 'dns.hostname': 'example.com' }, condition: 'selection' }
  writeFileSync(
    rules,
    [
      {
        title: 'Asked',
        name: 'asked',
        id: '11111111-2222-4333-8444-555555555555',
        logsource: { product: 'vedette', category: 'protocol' },
        detection: names,
        level: 'low',
      },
      {
        title: 'Asked often',
        id: '11111111-2222-4333-8444-666666666666',
        correlation: {
          type: 'event_count',
          rules: ['asked'],
          'group-by': ['device.hostname'],
          timespan: '1m',
          condition: { gte: 2 },
        },
        level: 'high',
      },
    ]
      .map((document) => JSON.stringify(document))
      .join('\n---\n'),
  )
  const { code, out } = await run('replay', '--json', '--rules', rules, capture)
  const found = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { ruleTitle?: string; title?: string; file: string; record: number })
  expect(code).toBe(0)
  expect(found).toContainEqual(expect.objectContaining({ file: capture, record: 2 }))
  expect(JSON.stringify(found)).toContain('Asked often')
})
