import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseKmsg } from './record.ts'

test('a message of the kernel, with its keys', () => {
  expect(
    parseKmsg('6,339,5140900,-;usb 1-1: New USB device found\n SUBSYSTEM=usb\n DEVICE=c189:2\n'),
  ).toEqual({
    sequence: 339,
    timeUs: 5_140_900,
    priority: 6,
    facility: 0,
    text: 'usb 1-1: New USB device found',
    keys: { SUBSYSTEM: 'usb', DEVICE: 'c189:2' },
  })
})

test('what a program wrote is of another facility, with who called where the kernel says so', () => {
  expect(parseKmsg('12,7,1,-,caller=T42;systemd[1]: hello\n')).toMatchObject({
    facility: 1,
    priority: 4,
    text: 'systemd[1]: hello',
    keys: {},
  })
})

test('bytes that were escaped are themselves again, once', () => {
  expect(parseKmsg('12,7,1,-;gr\\xc3\\xbc\\xc3\\x9fe \\x1b[31m \\x5cx41 a\\x0ab\n')?.text).toBe(
    'grüße \u001B[31m \\x41 a\nb',
  )
  expect(parseKmsg('12,7,1,-;\\xff\n')?.text).toBe('\uFFFD')
})

test('a key is the first of its name and nothing of an object', () => {
  const keys = parseKmsg('6,1,1,-;x\n A=1\n A=2\n __proto__=3\nB=4\n no key\n C=\n')?.keys ?? {}
  expect(Object.entries(keys)).toEqual([
    ['A', '1'],
    ['__proto__', '3'],
    ['C', ''],
  ])
})

test('what is no record is none, and nothing throws', () => {
  for (const text of ['', ';', '6,1,1;x', '6,1,1,-', 'x,1,1,-;x', ' KEY=value'])
    expect(parseKmsg(text)).toBeUndefined()
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const record = parseKmsg(`6,1,1,-;${text}`)
      expect(record?.text).toBeDefined()
      parseKmsg(text)
    }),
  )
})
