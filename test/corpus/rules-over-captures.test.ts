import { join, relative } from 'node:path'
import { systemClock } from '@vedette/base'
import { hunt } from '@vedette/manager/hunt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { unpackCorpus } from './unpack.ts'

/** SigmaHQ's rules for logs of networks, over captures of attacks: what was said is read from packets alone. */

let sigma: ReturnType<typeof unpackCorpus>
let captures: ReturnType<typeof unpackCorpus>
beforeAll(() => {
  sigma = unpackCorpus('sigma.tgz')
  captures = unpackCorpus('suricata-verify.txz')
})
afterAll(() => {
  for (const corpus of [sigma, captures]) corpus[Symbol.dispose]()
})

test.each([
  ['krb5-kerberoasting', ['Kerberos Network Traffic RC4 Ticket Encryption']],
  ['smb2-07', ['MITRE BZAR Indicators for Execution']],
  ['smb-dce_iface', ['SMB Spoolss Name Piped Usage']],
  ['http-options-method', ['Exploit Framework User Agent']],
  // Ordinary transfers of files and mails.
  ['smb2-01', []],
  ['smtp-bdat-multichunk-inspection', []],
  ['ftp', []],
])('%s: %j', async (name, expected) => {
  const found = new Set<string>()
  const files = new Set<string>()
  const summary = await hunt(
    {
      rules: { paths: [join(sigma.path, 'sigma/rules/network'), join(sigma.path, 'sigma/rules/web')] },
      paths: [join(captures.path, 'suricata-verify', name)],
      workers: 1,
      clock: systemClock,
    },
    {
      matches(matches) {
        for (const { file, rule } of matches) {
          found.add(rule.title)
          files.add(relative(captures.path, file))
        }
      },
    },
  )
  expect([...found]).toEqual(expected)
  expect([...files].every((file) => file.endsWith('.pcap'))).toBe(true)
  expect(summary.events).toBeGreaterThan(0)
})
