import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@vedette/base'
import { Keyring, masterKeySource } from '@vedette/store/keys'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readAgentName } from './agent-name.ts'
import { Authority } from './authority.ts'

const OPENSSL = '/usr/bin/openssl'
const folder = mkdtempSync(join(tmpdir(), 'vedette-authority-'))
const home = join(folder, 'authority')
const keys = Keyring.open({
  folder: join(folder, 'keys'),
  master: masterKeySource(folder),
  clock: systemClock,
})
const at = (name: string) => join(folder, name)
const NAME = { tenant: 't-1' as never, agent: '0123456789abcdef' as never }
let authority: Authority

beforeAll(async () => {
  authority = await Authority.open(home, systemClock, keys)
  writeFileSync(at('ca.pem'), authority.certificate)
})
afterAll(() => rmSync(folder, { recursive: true }))

function openssl(...args: string[]): string {
  return execFileSync(OPENSSL, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** A request as OpenSSL makes it, which asks for more than it should get. */
function request(curve = 'P-256'): string {
  openssl(
    ...`req -new -newkey ec -pkeyopt ec_paramgen_curve:${curve} -nodes -subj /CN=admin -keyout ${at('agent.key')} -out
      ${at('agent.csr')} -addext subjectAltName=URI:vedette://x/tenant/other/agent/ffffffffffffffff
      -addext basicConstraints=CA:TRUE`.split(/\s+/),
  )
  return readFileSync(at('agent.csr'), 'utf8')
}

test('its key is for nobody else, and is kept', async () => {
  expect(statSync(join(home, 'authority.pem')).mode & 0o777).toBe(0o600)
  const again = await Authority.open(home, systemClock, keys)
  expect([again.fingerprint, again.serverId]).toEqual([authority.fingerprint, authority.serverId])
  chmodSync(join(home, 'authority.pem'), 0o640)
  await expect(Authority.open(home, systemClock, keys)).rejects.toMatchObject({ code: 'key-refused' })
  chmodSync(join(home, 'authority.pem'), 0o600)
})

test('an agent gets a certificate for its key, in its name and for a client alone', async () => {
  const asked = await authority.readRequest(request())
  const { pem, serial } = await authority.issue(asked!, NAME, 60_000)
  writeFileSync(at('agent.pem'), pem)
  const read = new X509Certificate(pem)
  expect(readAgentName(read.subjectAltName, authority.serverId)).toEqual(NAME)
  expect(read.ca).toBe(false)
  expect(read.serialNumber.toLowerCase()).toBe(serial)
  expect(
    openssl('verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', at('ca.pem'), at('agent.pem')),
  ).toContain('OK')
  expect(() => openssl('verify', '-purpose', 'sslserver', '-CAfile', at('ca.pem'), at('agent.pem'))).toThrow()
})

test.each([
  ['nothing', ''],
  ['no request', '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----'],
  ['too much', 'x'.repeat(5000)],
])('%s is no request', async (_name, text) => {
  expect(await authority.readRequest(text)).toBeUndefined()
})

test('a request for another curve, or one that was changed, is refused', async () => {
  expect(await authority.readRequest(request('P-384'))).toBeUndefined()
  const lines = request().split('\n')
  const body = Buffer.from(lines.slice(1, -2).join(''), 'base64')
  const last = body.length - 1
  body[last] = (body[last] ?? 0) ^ 1
  const changed = `${lines[0]}\n${body.toString('base64')}\n${lines.at(-2)}\n`
  expect(await authority.readRequest(changed)).toBeUndefined()
})

test('OpenSSL reads the list of revoked certificates and refuses what is on it', async () => {
  const asked = await authority.readRequest(request())
  const { pem, serial } = await authority.issue(asked!, NAME, 60_000)
  writeFileSync(at('agent.pem'), pem)
  const verify = () =>
    openssl('verify', '-crl_check', '-CAfile', at('ca.pem'), '-CRLfile', at('crl.pem'), at('agent.pem'))
  writeFileSync(at('crl.pem'), await authority.revocationList([]))
  expect(readFileSync(at('crl.pem'), 'utf8')).toMatch(/^-----BEGIN X509 CRL-----/)
  expect(verify()).toContain('OK')
  writeFileSync(at('crl.pem'), await authority.revocationList([{ serial, revokedAt: Date.now() }]))
  expect(verify).toThrow(/revoked/)
})

test.each([
  ['another server', 'URI:vedette://00000000000000000000000000000000/tenant/t/agent/0123456789abcdef'],
  [
    'two names',
    'URI:vedette://SERVER/tenant/t/agent/0123456789abcdef, URI:vedette://SERVER/tenant/u/agent/0123456789abcdef',
  ],
  ['a name with more in it', 'URI:vedette://SERVER/tenant/t/agent/0123456789abcdef/../x'],
  ['a quoted one', 'URI:"vedette://SERVER/tenant/t/agent/0123456789abcdef"'],
  ['the server itself', 'URI:vedette://SERVER/server'],
  ['no name', undefined],
])('%s names no agent', (_name, text) => {
  expect(readAgentName(text?.replaceAll('SERVER', authority.serverId), authority.serverId)).toBeUndefined()
})
