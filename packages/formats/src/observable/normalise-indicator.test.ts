import { type IndicatorType, indicatorTypes } from '@vedette/model'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { guessIndicator, normaliseIndicator } from './normalise-indicator.ts'
import { specialPurpose } from './special-ranges.ts'

const sha256 = 'E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855'

test.each<readonly [IndicatorType, string, IndicatorType, string]>([
  ['sha256', sha256, 'sha256', sha256.toLowerCase()],
  ['ipv4', '198.51.100.7', 'ipv4', '198.51.100.7'],
  ['ipv4', '198[.]51[.]100[.]7:8443', 'ipv4', '198.51.100.7'],
  ['ipv6', '2001:DB8::0:1', 'ipv6', '2001:db8::1'],
  ['ipv6', '::ffff:198.51.100.7', 'ipv4', '198.51.100.7'],
  ['cidr', '198.51.100.77/24', 'cidr', '198.51.100.0/24'],
  ['cidr', '198.51.100.7/32', 'ipv4', '198.51.100.7'],
  ['domain', 'C2[.]Evil(.)Example.', 'domain', 'c2.evil.example'],
  ['domain', 'bücher.example', 'domain', 'xn--bcher-kva.example'],
  ['domain_suffix', '*.evil.example', 'domain_suffix', 'evil.example'],
  ['registered_domain', 'https://a.b.evil.co.uk/x', 'registered_domain', 'evil.co.uk'],
  ['registered_domain', 'a.somebody.github.io', 'registered_domain', 'somebody.github.io'],
  ['url', 'hXXps[:]//User:pw@EVIL[.]example:443/A?b#c', 'url', 'https://evil.example/A?b'],
  ['url', 'evil.example/x.sh', 'url', '//evil.example/x.sh'],
  ['path', '/tmp/.x/*', 'path', '/tmp/.x/*'],
  ['path', 'C:\\Users\\x.EXE', 'path', 'c:\\users\\x.exe'],
  ['process_name', 'XMRig', 'process_name', 'xmrig'],
])('normaliseIndicator(%s, %j) is %s %j', (type, text, expectedType, value) => {
  expect(normaliseIndicator(type, text)).toEqual({ ok: true, value: { type: expectedType, value } })
})

test.each<readonly [IndicatorType, string, string]>([
  ['sha256', sha256.slice(1), 'not-sha256'],
  ['ipv4', '2001:db8::1', 'not-ipv4'],
  ['cidr', '0.0.0.0/0', 'range-too-wide'],
  ['cidr', '2000::/3', 'range-too-wide'],
  ['domain', 'localhost', 'not-domain'],
  ['domain', '1.2.3.4', 'not-domain'],
  ['domain', `${'a'.repeat(64)}.example`, 'not-domain'],
  ['domain_suffix', 'co.uk', 'public-suffix'],
  ['registered_domain', 'co.uk', 'not-registered-domain'],
  ['url', 'http://', 'not-url'],
  ['path', 'tmp/x', 'not-path'],
  ['path', '/*', 'not-path'],
  ['process_name', '*', 'not-process-name'],
  ['process_name', 'a/b', 'not-process-name'],
  ['md5', '   ', 'empty'],
  ['url', `http://a.example/${'a'.repeat(3000)}`, 'too-long'],
])('normaliseIndicator(%s, %j) is refused: %s', (type, text, reason) => {
  expect(normaliseIndicator(type, text)).toMatchObject({ ok: false, reason })
})

test.each([
  [sha256, 'sha256'],
  ['da39a3ee5e6b4b0d3255bfef95601890afd80709', 'sha1'],
  ['d41d8cd98f00b204e9800998ecf8427e', 'md5'],
  ['198.51.100.0/24', 'cidr'],
  ['2001:db8::/32', 'cidr'],
  ['evil.example', 'domain'],
  ['.evil.example', 'domain_suffix'],
  ['evil.example/a', 'url'],
  ['http://evil.example', 'url'],
  ['/dev/shm/.x', 'path'],
])('guessIndicator(%j) is %s', (text, type) => {
  expect(guessIndicator(text)?.type).toBe(type)
})

test.each(['', 'word', 'two words', '12345', 'a/b'])('guessIndicator(%j) is nothing', (text) => {
  expect(guessIndicator(text)).toBeUndefined()
})

test('what is normalised is in its one form already', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...indicatorTypes),
      fc.oneof(fc.webUrl(), fc.domain(), fc.ipV4(), fc.ipV6(), fc.string(), fc.string({ unit: 'binary' })),
      (type, text) => {
        const once = normaliseIndicator(type, text)
        if (!once.ok) return
        expect(normaliseIndicator(once.value.type, once.value.value)).toEqual(once)
      },
    ),
    { numRuns: 1000 },
  )
})

test.each([
  ['10.1.2.3', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.0', undefined],
  ['169.254.169.254', 'link-local'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['fd00::1', 'private'],
  ['2606:4700::1111', undefined],
  ['8.8.8.8', undefined],
  ['192.168.0.0/16', 'private'],
  ['evil.example', undefined],
])('specialPurpose(%s) is %s', (text, purpose) => {
  expect(specialPurpose(text)).toBe(purpose)
})
