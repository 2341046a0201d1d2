import { expect, test } from 'vitest'
import { tcp, text, told } from '../testing/converse.ts'
import { ber, ntlmAuthenticate, officeSamples } from '../testing/office-samples.ts'
import { ldapParser } from './index.ts'

const said = officeSamples.find(({ name }) => name === 'ldap')?.said ?? []
const small = (value: number): Uint8Array => ber(2, Uint8Array.of(value))

test('a logon in the clear that failed, and a search with its filter, without the password', () => {
  const facts = told(ldapParser, said)
  expect(facts).toEqual([
    {
      ldap: {
        operation: 'bind',
        message_id: 1,
        name: 'cn=admin',
        mechanism: 'simple',
        cleartext_password: true,
        result_code: 49,
        result: 'invalidCredentials',
      },
    },
    {
      ldap: {
        operation: 'search',
        message_id: 2,
        name: 'DC=example,DC=com',
        scope: 'sub',
        filter:
          '(&(objectClass=user)(servicePrincipalName=*)(!(cn=a\\28*z))(userAccountControl:1.2.840.113556.1.4.803:=4194304))',
        attributes: ['sAMAccountName'],
        entries: 1,
        result_code: 0,
        result: 'success',
      },
    },
  ])
  expect(JSON.stringify(facts)).not.toContain('secret')
})

test('who logs on by NTLM', () => {
  const bind = ber(
    0x60,
    small(3),
    ber(4),
    ber(0xa3, ber(4, text('GSS-SPNEGO')), ber(4, ntlmAuthenticate('CORP', 'bob', 'PC'))),
  )
  expect(told(ldapParser, [['client', ber(0x30, small(7), bind)]])).toEqual([
    {
      ldap: {
        operation: 'bind',
        message_id: 7,
        name: '',
        mechanism: 'GSS-SPNEGO',
        user: 'bob',
        domain: 'CORP',
        hostname: 'PC',
      },
    },
  ])
})

test('after StartTLS another protocol is spoken; what is sealed ends the reading', () => {
  const session = ldapParser.open(tcp)
  const tell = (): void => undefined
  const request = ber(0x30, small(1), ber(0x77, ber(0x80, text('1.3.6.1.4.1.1466.20037'))))
  session.push('client', request, 1, tell)
  const answer = ber(0x30, small(1), ber(0x78, ber(10, Uint8Array.of(0)), ber(4), ber(4)))
  // The operation names itself in a tag of its own.
  expect(session.push('server', answer, 1, tell)).toBe('other')
  expect(ldapParser.open(tcp).push('client', Uint8Array.of(0, 0, 1, 0, 5), 1, tell)).toBe('nothing')
})

test('a filter that is deep and wide is cut', () => {
  let filter = ber(0x87, text('a'))
  for (let depth = 0; depth < 40; depth += 1) filter = ber(0xa0, filter, ber(0x87, text('b')))
  const search = ber(
    0x63,
    ber(4),
    ber(10, Uint8Array.of(0)),
    ber(10, Uint8Array.of(0)),
    small(0),
    small(0),
    ber(1, Uint8Array.of(0)),
    filter,
  )
  const [facts] = told(ldapParser, [['client', ber(0x30, small(1), search)]])
  expect(facts?.ldap?.filter).toContain('(...)')
})
