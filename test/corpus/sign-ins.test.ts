import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import { contentDirectory, createEngine, loadRules } from '@vedette/detect'
import { type LoginSession, readSessions } from '@vedette/manager/sessions'
import type { AgentId, Detection, LineRecord } from '@vedette/model'
import { createNormaliser, normaliseConfigSchema } from '@vedette/normalise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unpackCorpus } from './unpack.ts'

/**
 * What our rules and `vedette sessions` say of two logs of loghub. The addresses, counts and lengths of these tests were
 * also worked out by a script of a few lines over the same files, which knows nothing of this code.
 */

let corpus: ReturnType<typeof unpackCorpus>
beforeAll(() => {
  corpus = unpackCorpus('logs.txz')
})
afterAll(() => corpus[Symbol.dispose]())

/** Alerts of a file, by the folder of their rule. */
async function alertsOf(name: string, readAtMs: number): Promise<Map<string, Detection[]>> {
  const records = readFileSync(join(corpus.path, 'logs', name), 'utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((text): LineRecord => ({
      source: 'line',
      timeMs: readAtMs,
      path: '/var/log/auth.log',
      text,
      truncated: false,
    }))
  using normaliser = createNormaliser({
    device: { uid: 'agent-1' as AgentId, hostname: 'web-1' },
    bootId: '01234567-89ab-cdef-0123-456789abcdef',
    bootTimeMs: 0,
    run: '00000000000000aa',
    clock: systemClock,
    log: silentLogger,
    config: normaliseConfigSchema.parse({ executable_hash: { enabled: false } }),
    processes: { list: () => [], read: () => undefined },
  })
  const { rules, correlations } = await loadRules([join(contentDirectory, 'rules')])
  const engine = createEngine(rules, { clock: systemClock, log: silentLogger, correlations })
  const alerts = new Map<string, Detection[]>()
  for (const detection of engine.evaluate(await normaliser.normalise(records))) {
    const folder = detection.rule.file.split('/').at(-2) ?? ''
    alerts.set(folder, [...(alerts.get(folder) ?? []), detection])
  }
  return alerts
}

const grouped = (detections: readonly Detection[] | undefined, field: string) =>
  new Set(detections?.map(({ aggregate }) => aggregate?.[field]))

describe('OpenSSH_2k.log', () => {
  test('five failures within five minutes: eleven addresses, and no other alerts but three of spraying', async () => {
    const alerts = await alertsOf('OpenSSH_2k.log', Date.UTC(2025, 11, 11))
    expect([...alerts.keys()].sort((a, b) => (a < b ? -1 : 1))).toEqual([
      'failed-logins-from-an-address',
      'one-password-for-many-accounts',
    ])
    expect(grouped(alerts.get('failed-logins-from-an-address'), 'src_endpoint.ip')).toEqual(
      new Set([
        '103.99.0.122',
        '106.5.5.195',
        '112.95.230.3',
        '119.4.203.64',
        '123.235.32.19',
        '183.62.140.253',
        '185.190.58.151',
        '187.141.143.180',
        '5.188.10.180',
        '5.36.59.76',
        '60.2.12.12',
      ]),
    )
    expect(grouped(alerts.get('one-password-for-many-accounts'), 'src_endpoint.ip')).toEqual(
      new Set(['183.62.140.253', '187.141.143.180', '103.99.0.122']),
    )
  })

  test('one session', async () => {
    const { list, unreadable } = await readSessions([join(corpus.path, 'logs/OpenSSH_2k.log')])
    expect(unreadable).toEqual([])
    expect(list.sessions(true)).toMatchObject([
      {
        host: 'LabSZ',
        user: 'fztu',
        service: 'sshd',
        from: '119.137.62.142',
        method: 'password',
        duration: 766_000,
        failed_before: 0,
      },
    ])
  })
})

describe('Linux_2k.log', () => {
  test('five failures within five minutes: 21 addresses and 18 hosts of which the log has the name', async () => {
    const alerts = await alertsOf('Linux_2k.log', Date.UTC(2026, 6, 28))
    expect(grouped(alerts.get('failed-logins-from-an-address'), 'src_endpoint.ip').size).toBe(21)
    const hosts = grouped(alerts.get('failed-logins-from-a-named-host'), 'src_hostname')
    expect(hosts.size).toBe(18)
    expect(hosts).toContain('massive.merukuru.org')
    expect(alerts.get('failed-logins-of-an-account')).toBeUndefined()
  })

  test('123 sessions, each with its end: 86 of su, 36 of sshd, one of login; 588 s together, the longest 331', async () => {
    const { list } = await readSessions([join(corpus.path, 'logs/Linux_2k.log')])
    const sessions = list.sessions(true)
    const of = (service: string) => sessions.filter((session) => session.service === service).length
    expect([sessions.length, of('su'), of('sshd'), of('login')]).toEqual([123, 86, 36, 1])
    const lengths = sessions.map(({ duration }: LoginSession) => duration ?? Number.NaN)
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(588_000)
    expect(Math.max(...lengths)).toBe(331_000)
  })
})
