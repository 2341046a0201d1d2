import { describe, expect, test } from 'vitest'
import { processEvent } from '../testing/events.ts'
import { parseTemplate } from './template.ts'

describe('E5 templates', () => {
  const event = processEvent({ process: { name: 'ba\u001bsh', cmd_line: 'x'.repeat(1000) } })

  test('fill in values of the event, the first that is there', () => {
    const template = parseTemplate(
      '{process.name} by {process.user.name, process.user.uid} on {device.hostname}',
    )
    expect(template.fill(event)).toBe(String.raw`ba\x1bsh by root on web-1`)
    expect(template.fields).toEqual([
      'process.name',
      'process.user.name',
      'process.user.uid',
      'device.hostname',
    ])
  })

  test('what is missing is unknown; what is long is cut', () => {
    expect(parseTemplate('{process.container.uid}').fill(event)).toBe('unknown')
    expect(parseTemplate('{process.cmd_line}').fill(event)).toBe(`${'x'.repeat(159)}…`)
  })

  test('extra values go first', () => {
    expect(parseTemplate('{count} times {{ok').fill(event, { count: 5 })).toBe('5 times {ok')
  })

  test.each(['{', '}', 'a {b', 'a} b', '{a{b}'])('%s has a brace without its partner', (text) => {
    expect(() => parseTemplate(text)).toThrow('has no partner')
  })
})
