import { expect, test } from 'vitest'
import { told } from '../testing/converse.ts'
import { officeSamples } from '../testing/office-samples.ts'
import { kerberosParser } from './index.ts'

const [datagrams, stream] = officeSamples.filter(({ name }) => name === 'kerberos')

test('a ticket for a service with a weak key: what Kerberoasting looks like', () => {
  expect(told(kerberosParser, stream?.said ?? [], stream?.ends)).toEqual([
    {
      kerberos: {
        request_type: 'TGS',
        msg_type: 'KRB_TGS_REP',
        client: 'alice',
        realm: 'EXAMPLE.COM',
        service: 'MSSQLSvc/db.example.com',
        client_ciphers: ['aes256-cts-hmac-sha1-96', 'rc4-hmac', 'rc4-hmac-old'],
        cipher: 'aes256-cts-hmac-sha1-96',
        weak_cipher: false,
        ticket_cipher: 'rc4-hmac',
        weak_ticket_cipher: true,
        preauth_types: [1],
        options: ['forwardable', 'renewable', 'canonicalize'],
      },
    },
  ])
})

test('a refusal says whose, for what and why', () => {
  expect(told(kerberosParser, datagrams?.said ?? [], datagrams?.ends)).toMatchObject([
    {
      kerberos: {
        request_type: 'TGS',
        msg_type: 'KRB_ERROR',
        client: 'alice',
        service: 'krbtgt/EXAMPLE.COM',
        error_code: 24,
        error: 'KDC_ERR_PREAUTH_FAILED',
      },
    },
  ])
})

test('requests without answers are told as they are', () => {
  const [, request] = datagrams?.said[0] ?? ['client', new Uint8Array(0)]
  expect(
    told(
      kerberosParser,
      [
        ['client', request],
        ['client', request],
      ],
      datagrams?.ends,
    ),
  ).toMatchObject([{ kerberos: { msg_type: 'KRB_TGS_REQ' } }, { kerberos: { msg_type: 'KRB_TGS_REQ' } }])
})
