import { expect, test } from 'vitest'
import { readSysmonEvent } from './event.ts'

const event = (command: string): string =>
  `<Event><System><Provider Name="Linux-Sysmon"/><EventID>1</EventID></System><EventData><Data Name="CommandLine">${command}</Data></EventData></Event>`

test.each(['\u0001', '\u001b', '\uffff', '&#1;', '&#x1B;', '&#x0;', '&#xD800;'])(
  'a character that XML has no room for does not cost the event: %j',
  (character) => {
    const { record, source } = readSysmonEvent(event(`curl ${character} http://evil.example`)) ?? {}
    expect(source).toEqual({ product: 'linux', category: 'process_creation', service: 'sysmon' })
    expect(record).toMatchObject({ CommandLine: 'curl \ufffd http://evil.example' })
  },
)

test('references that XML has room for are what they say', () => {
  expect(readSysmonEvent(event('a&#9;b&#x20;c&#10;d &amp; e'))?.record).toMatchObject({
    CommandLine: 'a\tb c\nd & e',
  })
})
