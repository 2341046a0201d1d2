import { type FindingEvent, findingEventSchema, type Technique } from '@vedette/model'
import { describe, expect, test } from 'vitest'
import { processEvent } from '../../testing/events.ts'
import { detectionsOfFindings } from './detections.ts'
import { yaraRuleId, yaraRuleInfo } from './rule-info.ts'

const shell: Technique = { id: 'T1505.003', name: 'Web Shell', tactics: ['persistence'] }
const technique = (id: string) => (id === shell.id ? shell : undefined)

function finding(changes: Partial<FindingEvent> = {}): FindingEvent {
  const { process, ...base } = processEvent()
  const event: FindingEvent = {
    id: base.id,
    time: base.time,
    device: base.device,
    severity_id: 4,
    metadata: { ...base.metadata, log_provider: 'yara' },
    kind: 'finding',
    class_uid: 2004,
    activity: 'create',
    finding_info: {
      uid: 'a-rule',
      title: 'Web shell',
      analytic: { name: 'web_shell', type_id: 1, category: 'yara', file: '/rules/a.yar' },
      tags: [],
    },
    cause: 'write',
    file: { path: '/var/www/a.php', name: 'a.php' },
    process,
    meta: [
      { name: 'id', value: 'a-rule' },
      { name: 'title', value: 'Web shell' },
      { name: 'description', value: 'It runs commands.' },
      { name: 'severity', value: 'critical' },
      { name: 'techniques', value: 'T1505.003, t9999' },
      { name: 'false_positives', value: 'Tests; demonstrations' },
      { name: 'author', value: 'Somebody' },
    ],
    matches: [{ name: '$run', offset: 6, length: 4, data: 'eval' }],
    match_count: 1,
    ...changes,
  }
  return findingEventSchema.parse(event) as unknown as FindingEvent
}

describe('detectionsOfFindings()', () => {
  test("makes the rule's metadata the alert's", () => {
    const event = finding()
    const [detection, ...more] = detectionsOfFindings([processEvent(), event], { technique })
    expect(more).toEqual([])
    expect(detection).toMatchObject({
      rule: {
        id: 'a-rule',
        type: 'yara',
        title: 'Web shell',
        severity: 'critical',
        explanation: 'It runs commands.',
        techniques: [shell, { id: 'T9999', name: 'T9999', tactics: [] }],
        falsePositives: ['Tests', 'demonstrations'],
        author: 'Somebody',
        riskPoints: 85,
        file: '/rules/a.yar',
      },
      title: 'Web shell: /var/www/a.php, written by bash on web-1',
      entity: 'file:/var/www/a.php',
      process: { name: 'bash', pid: 100 },
      events: [event],
      matches: [
        { field: 'file.path', value: '/var/www/a.php' },
        { field: 'matches.0.data', value: 'eval' },
      ],
    })
  })

  test('judged again it is the same alert', () => {
    const event = finding()
    const [first] = detectionsOfFindings([event], { technique })
    const [second] = detectionsOfFindings([event], { technique })
    expect(first?.id).toBe(second?.id)
  })

  test('says of a program that it runs, and shows an evil name as text', () => {
    const event = finding({ cause: 'exec', file: { path: '/tmp/\u001b[31mx', name: 'x' } })
    expect(detectionsOfFindings([event], { technique })[0]?.title).toBe(
      'Web shell: /tmp/\\x1b[31mx runs on web-1',
    )
  })

  test('rules that are switched off or not severe enough raise nothing', () => {
    expect(detectionsOfFindings([finding()], { technique, disabled: new Set(['a-rule']) })).toEqual([])
    expect(
      detectionsOfFindings([finding()], { technique, wanted: ({ severity }) => severity === 'low' }),
    ).toEqual([])
  })
})

describe('yaraRuleInfo()', () => {
  const info = (meta: Readonly<Record<string, string | number>>, tags: readonly string[] = []) =>
    yaraRuleInfo({
      name: 'SUSP_Some_Rule',
      file: '/r/a.yar',
      tags,
      meta: Object.entries(meta).map(([name, value]) => ({ name, value })),
    })

  test.each([
    [{ severity: 'High' }, 'high', 60],
    [{ severity: 'info' }, 'informational', 0],
    [{ score: 80 }, 'high', 80],
    [{ score: '95' }, 'critical', 95],
    [{ score: 40 }, 'low', 40],
    [{ severity: 'low', score: 99 }, 'low', 99],
    [{ score: 4000 }, 'medium', 35],
    [{}, 'medium', 35],
  ])('%j is %s with %i points', (meta, severity, riskPoints) => {
    expect(info(meta)).toMatchObject({ severity, riskPoints })
  })

  test('names a rule that does not name itself, and understands what others write', () => {
    expect(
      info({ mitre_attack: 'T1059.004', reference: 'https://example.com' }, ['T1027', 'linux']),
    ).toMatchObject({
      title: 'SUSP Some Rule',
      techniques: [{ id: 'T1059.004' }, { id: 'T1027' }],
      explanation: 'SUSP Some Rule\nSee https://example.com',
    })
  })

  test('an id that is missing or too long is made of file and name', () => {
    const id = (file: string, name: string, own?: string) =>
      yaraRuleId({ file, name, meta: own === undefined ? [] : [{ name: 'id', value: own }] })
    expect(id('/x/a.yar', 'one')).toMatch(/^[0-9a-f]{32}$/)
    expect(id('/x/a.yar', 'one')).toBe(id('/y/a.yar', 'one'))
    expect(id('/x/a.yar', 'one')).not.toBe(id('/x/b.yar', 'one'))
    expect(id('/x/a.yar', 'one', 'x'.repeat(200))).toBe(id('/x/a.yar', 'one'))
    expect(id('/x/a.yar', 'one', 'own')).toBe('own')
  })
})
