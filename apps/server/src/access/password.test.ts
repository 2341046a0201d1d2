import { expect, test } from 'vitest'
import { checkPassword, hashPassword, verifyPassword } from './password.ts'

test('hashPassword() and verifyPassword() agree on the right password and no other', async () => {
  const phc = await hashPassword('correct horse battery')
  expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  expect(await verifyPassword('correct horse battery', phc)).toBe(true)
  expect(await verifyPassword('correct horse batterz', phc)).toBe(false)
  expect(await hashPassword('correct horse battery')).not.toBe(phc)
})

test('verifyPassword() takes a letter typed in two ways for one', async () => {
  expect(await verifyPassword('caf\u0065\u0301 am Morgen', await hashPassword('caf\u00e9 am Morgen'))).toBe(
    true,
  )
})

test.each([
  '',
  'plain',
  '$argon2id$v=19$m=99999999,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA',
  '$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAA',
])('verifyPassword() is false for the stored text %j', async (phc) => {
  expect(await verifyPassword('plain', phc)).toBe(false)
})

test.each([
  ['elevenchars', 'anna', 'fewer than 12'],
  ['aaaaaaaaaaaaaaaa', 'anna', 'repeats'],
  ['anna-the-admin', 'anna-the-admin', 'little more than the name'],
  ['Anna-the-admin1', 'anna-the-admin', 'little more than the name'],
  ['😀😁😂🤣😃😄😅😆😉😊😋', 'anna', 'fewer than 12'],
  ['x'.repeat(1025), 'anna', 'more than 1024'],
])('checkPassword() refuses %j of %s', (password, name, reason) => {
  expect(() => checkPassword(password, name)).toThrow(reason)
})

test('checkPassword() takes a long sentence with the name in it', () => {
  expect(() => checkPassword('anna walks her dog at dawn', 'anna')).not.toThrow()
})
