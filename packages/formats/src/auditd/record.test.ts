import { expect, test } from 'vitest'
import { readAuditRecord } from './record.ts'

const execve = (fields: string): Record<string, string> | undefined =>
  readAuditRecord(`type=EXECVE msg=audit(1700000000.1:7): ${fields}`)?.record

test('arguments that the kernel wrote in a further record are a command line too', () => {
  expect(execve('a87="curl" a88="http://evil.example/"')?.['CommandLine']).toBe('curl http://evil.example/')
})

test('a long argument in pieces, in one record or in several', () => {
  expect(execve('argc=2 a0="sh" a1_len=9 a1[0]="echo " a1[1]="evil"')).toMatchObject({
    CommandLine: 'sh echo evil',
    a1: 'echo evil',
  })
  expect(execve('a1[2]="and more" a2="x"')?.['CommandLine']).toBe('and more x')
})

test('as many short arguments as a record holds', () => {
  const words = Array.from({ length: 900 }, (_, n) => `a${n}="x"`)
  expect(execve(`argc=901 ${words.join(' ')} a900="evil"`)?.['CommandLine']).toMatch(/x evil$/)
})
