import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AuthenticationFacts, parseAuthentication, parseSyslog } from '@vedette/formats/logs'
import { beforeAll, describe, expect, test } from 'vitest'
import { unpackCorpus } from './unpack.ts'

/** The counts of these tests were also taken with grep, awk and uniq over the unpacked files. */

const logs: Record<string, readonly string[]> = {}

beforeAll(() => {
  using corpus = unpackCorpus('logs.txz')
  for (const name of ['OpenSSH_2k.log', 'Linux_2k.log']) {
    logs[name] = readFileSync(join(corpus.path, 'logs', name), 'utf8')
      .split(/\r?\n/)
      .filter((line) => line !== '')
  }
})

const readAtMs = Date.UTC(2026, 10, 20)

function understand(line: string): AuthenticationFacts | undefined {
  const syslog = parseSyslog(line, { readAtMs, zone: 'utc' })
  if (!syslog.ok) throw new Error(`${syslog.reason} at ${syslog.offset}: ${line}`)
  return syslog.value.program === undefined
    ? undefined
    : parseAuthentication(syslog.value.program, syslog.value.message)
}

function factsOf(name: string): AuthenticationFacts[] {
  return (logs[name] ?? []).flatMap((line) => understand(line) ?? [])
}

const attempts = (facts: readonly AuthenticationFacts[]) =>
  facts.reduce((sum, fact) => sum + fact.attempts, 0)

describe('OpenSSH_2k.log', () => {
  test('every line has a header that is understood', () => {
    expect(logs['OpenSSH_2k.log']).toHaveLength(2000)
    for (const line of logs['OpenSSH_2k.log'] ?? []) {
      expect(parseSyslog(line, { readAtMs })).toMatchObject({
        ok: true,
        value: { host: 'LabSZ', program: 'sshd' },
      })
    }
  })

  test('528 attempts with a password failed, in 520 lines; one was accepted', () => {
    const facts = factsOf('OpenSSH_2k.log').filter(({ activity }) => activity === 'logon')
    const failed = facts.filter(({ status, protocol }) => status === 'failure' && protocol === 'password')
    expect(failed).toHaveLength(520)
    expect(attempts(failed)).toBe(528)
    expect(failed.filter(({ unknownUser }) => unknownUser)).toHaveLength(135)
    expect(facts.filter(({ protocol }) => protocol === 'none')).toHaveLength(4)
    expect(facts.filter(({ status }) => status === 'success')).toEqual([
      expect.objectContaining({ user: { name: 'fztu' }, address: '119.137.62.142' }),
    ])
  })

  test('they came from 23 addresses, 286 lines from the busiest', () => {
    const counts = new Map<string | undefined, number>()
    for (const { activity, status, protocol, address } of factsOf('OpenSSH_2k.log')) {
      if (activity !== 'logon' || status !== 'failure' || protocol !== 'password') continue
      counts.set(address, (counts.get(address) ?? 0) + 1)
    }
    expect(counts.size).toBe(23)
    expect([...counts].toSorted((a, b) => b[1] - a[1]).slice(0, 4)).toEqual([
      ['183.62.140.253', 286],
      ['187.141.143.180', 80],
      ['103.99.0.122', 46],
      ['112.95.230.3', 26],
    ])
  })

  test('113 lines name an invalid user, one of them with a space before the name', () => {
    const invalid = (logs['OpenSSH_2k.log'] ?? []).filter((line) => line.includes(': Invalid user '))
    expect(invalid).toHaveLength(113)
    const names = invalid.map((line) => understand(line)?.user.name)
    expect(names).not.toContain(undefined)
    expect(names).toContain(' 0101')
  })
})

describe('Linux_2k.log', () => {
  test('490 failures that only PAM reported, 123 sessions opened and closed', () => {
    const facts = factsOf('Linux_2k.log')
    expect(logs['Linux_2k.log']).toHaveLength(2000)
    const counted = (activity: string, status: string) =>
      facts.filter((fact) => fact.activity === activity && fact.status === status).length
    expect(counted('logon', 'failure')).toBe(490)
    expect(counted('logon', 'success')).toBe(123)
    expect(counted('logoff', 'success')).toBe(123)
  })

  test('80 of them from 150.183.249.110', () => {
    const facts = factsOf('Linux_2k.log').filter(({ address }) => address === '150.183.249.110')
    expect(facts).toHaveLength(80)
  })
})
