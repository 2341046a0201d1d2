import { globSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@vedette/base'
import { hunt } from '@vedette/manager/hunt'
import { beforeAll, expect, test } from 'vitest'
import { unpackCorpus } from './unpack.ts'

/** SigmaHQ's rules as they are, over files as other tools write them: the inputs of the formats' own cases. */

const cases = fileURLToPath(new URL('../../packages/formats/src/', import.meta.url))
/** `folder of the format:line  title of the rule`. */
const found = new Set<string>()

beforeAll(async () => {
  using corpus = unpackCorpus('sigma.tgz')
  const rules = ['linux', 'network', 'web'].map((name) => join(corpus.path, 'sigma', 'rules', name))
  const folders = ['access-log', 'auditd', 'ndjson', 'sysmon-linux', 'syslog', 'w3c', 'zeek']
  await hunt(
    {
      rules: { paths: rules },
      paths: folders.flatMap((name) => globSync(`${cases}${name}/cases/*/input*`)),
      workers: 1,
      clock: systemClock,
    },
    {
      matches(matches) {
        for (const { file, record, rule } of matches) {
          found.add(`${relative(cases, file).split('/')[0]}:${record} ${rule.title}`)
        }
      },
    },
  )
})

test.each([
  ['an argument of EXECVE', 'auditd:2 Suspicious Commands Linux'],
  ['a rule of process creation, over an EXECVE record', 'auditd:2 Chmod Targeting Sensitive Directories'],
  ['a relative path, by its working directory', 'auditd:4 Modification of ld.so.preload'],
  ['a SYSCALL record', 'auditd:7 Loading of Kernel Module via Insmod'],
  ['a unit that was stopped', 'auditd:9 Disable System Firewall'],
  ['a line of vsftpd', 'syslog:5 Suspicious VSFTPD Error Messages'],
  ['a line of named', 'syslog:6 Suspicious Named Error'],
  ['a message of a Cisco device', 'syslog:7 Cisco Local Accounts'],
  ['a record of the audit system in syslog', 'syslog:10 System Information Discovery - Auditd'],
  ['a process of Sysmon for Linux', 'sysmon-linux:1 Curl Usage on Linux'],
  ['a file of Sysmon for Linux', 'sysmon-linux:3 New Cron File Created'],
])('%s: %s', (_, expected) => {
  expect([...found]).toContain(expected)
})

test('what is known not to come from a source is not judged by its rules', () => {
  // It only says which addresses it does not mean.
  const judged = [...found].filter((line) => line.endsWith(' Publicly Accessible RDP Service'))
  expect(judged.filter((line) => !/^(?:zeek|ndjson):/.test(line))).toEqual([])
  expect(judged).toContain('ndjson:3 Publicly Accessible RDP Service')
})
