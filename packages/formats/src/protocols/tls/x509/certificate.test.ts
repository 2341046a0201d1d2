import { X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { certificate, type NamePart, tlv } from '../../testing/certificate.ts'
import { text } from '../../testing/converse.ts'
import { readCertificate } from './certificate.ts'

const name: readonly NamePart[] = [['2.5.4.3', 12, text('a')]]

describe('read as OpenSSL reads them', () => {
  const word = fc.string({
    minLength: 1,
    maxLength: 20,
    unit: fc.constantFrom(...Array.from('abc XYZ019.-é漢')),
  })
  const part = fc.record({
    oid: fc.constantFrom('2.5.4.3', '2.5.4.6', '2.5.4.7', '2.5.4.8', '2.5.4.10', '2.5.4.11'),
    value: word,
  })

  test('names, serial number, validity, fingerprints', () => {
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 5 }),
        fc.uint8Array({ minLength: 1, maxLength: 20 }),
        fc.date({ min: new Date('1951-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }),
        (parts, digits, date) => {
          const serial = Uint8Array.from([((digits[0] ?? 0) & 0x3f) | 0x40, ...digits.slice(1)])
          const stamp = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '')
          const isShort = date.getUTCFullYear() < 2050
          const der = certificate({
            subject: parts.map(({ oid, value }) => [oid, 12, Buffer.from(value)]),
            issuer: name,
            serial,
            times: [
              [isShort ? 0x17 : 0x18, isShort ? stamp.slice(2) : stamp],
              [0x18, '22990101000000Z'],
            ],
          })
          const oracle = new X509Certificate(der)
          const facts = readCertificate(der)
          expect(facts?.serial_number.replaceAll(':', '')).toBe(oracle.serialNumber)
          expect(facts?.created_time).toBe(oracle.validFromDate.getTime())
          expect(facts?.expiration_time).toBe(Date.UTC(2299, 0, 1))
          expect(facts?.sha1).toBe(oracle.fingerprint.replaceAll(':', '').toLowerCase())
          expect(facts?.sha256).toBe(oracle.fingerprint256.replaceAll(':', '').toLowerCase())
          expect(facts?.subject).toBe(parts.map(({ oid, value }) => `${KEYS[oid]}=${value}`).join(', '))
          expect(facts?.issuer).toBe(oracle.issuer)
        },
      ),
    )
  })
  const KEYS: Readonly<Record<string, string>> = {
    '2.5.4.3': 'CN',
    '2.5.4.6': 'C',
    '2.5.4.7': 'L',
    '2.5.4.8': 'ST',
    '2.5.4.10': 'O',
    '2.5.4.11': 'OU',
  }

  test('alternative names', () => {
    const der = certificate({
      subject: name,
      issuer: name,
      sans: [
        [0x82, text('a.example.com')],
        [0x81, text('b@example.com')],
        [0x86, text('https://c.example.com/d')],
        [0x87, Uint8Array.of(192, 0, 2, 1)],
        [0x87, Uint8Array.from({ length: 16 }, (_, n) => n)],
      ],
    })
    expect(new X509Certificate(der).subjectAltName).toBe(
      'DNS:a.example.com, email:b@example.com, URI:https://c.example.com/d, IP Address:192.0.2.1, IP Address:1:203:405:607:809:A0B:C0D:E0F',
    )
    expect(readCertificate(der)?.sans).toEqual([
      'a.example.com',
      'b@example.com',
      'https://c.example.com/d',
      '192.0.2.1',
      '0001:0203:0405:0607:0809:0a0b:0c0d:0e0f',
    ])
  })
})

test('what would pass for another name is escaped', () => {
  const der = certificate({
    subject: [
      ['2.5.4.10', 12, text('A, CN=bank.example')],
      ['2.5.4.3', 12, text('bank.example\0.evil.test')],
    ],
    issuer: [],
    sans: [[0x82, text('bank.example\0.evil.test')]],
  })
  expect(readCertificate(der)).toMatchObject({
    subject: 'O=A\\, CN=bank.example, CN=bank.example\\00.evil.test',
    issuer: '',
    is_self_signed: false,
    sans: ['bank.example\\00.evil.test'],
  })
})

test('text in UTF-16, and a kind that has no short name', () => {
  const der = certificate({
    subject: [
      ['2.5.4.3', 30, Buffer.from('\u6f22', 'utf16le').swap16()],
      ['1.2.3.4', 12, text('x')],
    ],
    issuer: name,
  })
  expect(readCertificate(der)?.subject).toBe('CN=漢, 1.2.3.4=x')
})

test('a certificate that names itself, and one from before 1970', () => {
  const der = certificate({
    subject: name,
    issuer: name,
    times: [
      [0x17, '691231000000Z'],
      [0x17, '491231000000Z'],
    ],
  })
  expect(readCertificate(der)).toMatchObject({
    is_self_signed: true,
    created_time: -86_400_000,
    expiration_time: Date.UTC(2049, 11, 31),
  })
})

test('any damage gives a certificate or none', () => {
  const der = certificate({ subject: name, issuer: name, sans: [[0x82, text('a')]] })
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: der.length - 1 }), fc.nat({ max: 255 })), { maxLength: 6 }),
      (changes) => {
        const changed = Uint8Array.from(der)
        for (const [at, byte] of changes) changed[at] = byte
        const facts = readCertificate(changed)
        expect(facts === undefined || facts.sha256.length === 64).toBe(true)
      },
    ),
    { numRuns: 2000 },
  )
  expect(readCertificate(tlv(0x30, tlv(0x30)))).toBeUndefined()
})
