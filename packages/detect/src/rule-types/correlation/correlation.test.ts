import { describe, expect, test } from 'vitest'
import { compileText } from '../../testing/rules.ts'
import { CorrelationNetwork, type RuleHit } from './network.ts'

const base = (name: string, more = '') => `
title: ${name}
id: id-${name}
name: ${name}
logsource: { product: windows, service: security }
detection: { s: { EventID: 1 }, condition: s }
${more}`

const correlation = (body: string, more = 'name: top') => `
title: Correlated
id: corr
${more}
correlation: { ${body} }`

const file = (...documents: readonly string[]) => documents.join('\n---\n')

type Fields = Readonly<Record<string, string>>
type Shot = readonly [rule: string, second: number, fields?: Fields, id?: string]

/** A network over these documents. */
function networkOf(text: string): CorrelationNetwork<string> {
  const { correlations, problems } = compileText(text)
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  return new CorrelationNetwork(correlations)
}

function hitOf([rule, second, fields = {}, id = `${rule}@${second}`]: Shot): RuleHit<string> {
  return { rule: `id-${rule}`, time: second * 1000, id, item: id, read: (name) => fields[name] }
}

/** The positions of the hits at which the correlation called `top` fires. */
function firing(text: string, shots: readonly Shot[]): number[] {
  const network = networkOf(text)
  return shots.flatMap((shot, position) =>
    network.judge(hitOf(shot)).some(({ correlation: { name } }) => name === 'top') ? [position] : [],
  )
}

const times = (rule: string, seconds: readonly number[], fields: Fields = { User: 'a' }): Shot[] =>
  seconds.map((second, n) => [rule, second, fields, `${rule}${n}`])

const count = (condition: string, groupBy = '[User]') =>
  file(
    base('login'),
    correlation(
      `type: event_count, rules: [login], group-by: ${groupBy}, timespan: 60s, condition: { ${condition} }`,
    ),
  )

describe('event_count', () => {
  test('K1 fires at n and not at n-1', () => {
    expect(firing(count('gte: 3'), times('login', [0, 1]))).toEqual([])
    expect(firing(count('gte: 3'), times('login', [0, 1, 2]))).toEqual([2])
    expect(firing(count('gt: 3'), times('login', [0, 1, 2]))).toEqual([])
    expect(firing(count('gt: 3'), times('login', [0, 1, 2, 3]))).toEqual([3])
    expect(firing(count('gte: 1'), times('login', [0]))).toEqual([0])
  })

  test('K2 exactly a timespan apart is within, a millisecond more is not', () => {
    expect(firing(count('gte: 2'), times('login', [0, 60]))).toEqual([1])
    expect(firing(count('gte: 2'), times('login', [0, 60.001]))).toEqual([])
  })

  test('K3 a count fires again at twice, four and eight times as many, then a timespan after it last did', () => {
    const many = Array.from({ length: 50 }, (_, i) => i / 100)
    expect(firing(count('gte: 2'), times('login', many))).toEqual([1, 3, 7, 15])
    expect(firing(count('gte: 2'), times('login', [0, 10, 60, 70.001, 71]))).toEqual([1, 3])
  })

  test.each([
    ['eq: 2', [1]],
    ['lt: 3', [0]],
    ['lte: 1', [0]],
    ['neq: 1', [1]],
    ['gt: 1, lte: 3', [1]],
    ['gte: 2, neq: 2', [2]],
  ])('K4 %s is asked at every hit, and fires once a timespan', (condition, expected) => {
    expect(firing(count(condition), times('login', [0, 1, 2, 3, 4]))).toEqual(expected)
  })

  test('K5 groups count apart; a hit without one of the fields is not counted', () => {
    const two = count('gte: 2', '[User, Computer]')
    const shots = (fields: readonly Fields[]): Shot[] => fields.map((one, second) => ['login', second, one])
    expect(
      firing(
        two,
        shots([
          { User: 'a', Computer: 'x' },
          { User: 'a', Computer: 'y' },
          { User: 'b', Computer: 'x' },
        ]),
      ),
    ).toEqual([])
    expect(firing(two, shots([{ User: 'a' }, { User: 'a' }, { Computer: 'x' }, { Computer: 'x' }]))).toEqual(
      [],
    )
    // No two groups are joined by what stands between their values.
    expect(
      firing(
        two,
        shots([
          { User: 'a1:b', Computer: '' },
          { User: 'a', Computer: 'b' },
        ]),
      ),
    ).toEqual([])
    expect(
      firing(
        two,
        shots([
          { User: '', Computer: '' },
          { User: '', Computer: '' },
        ]),
      ),
    ).toEqual([1])
    const without = file(
      base('login'),
      correlation('type: event_count, rules: login, timespan: 1m, condition: { gte: 2 }'),
    )
    expect(firing(without, times('login', [0, 1], {}))).toEqual([1])
  })

  test('K6 an event that meets several of the rules is one, and one that comes again is none', () => {
    const text = file(
      base('a'),
      base('b'),
      correlation('type: event_count, rules: [a, b], group-by: [User], timespan: 1m, condition: { gte: 3 }'),
    )
    const user = { User: 'u' }
    expect(
      firing(text, [
        ['a', 0, user, 'e1'],
        ['b', 0, user, 'e1'],
        ['a', 1, user, 'e2'],
      ]),
    ).toEqual([])
    expect(
      firing(text, [
        ['a', 0, user, 'e1'],
        ['b', 1, user, 'e2'],
        ['a', 2, user, 'e3'],
      ]),
    ).toEqual([2])
    const again = [
      ['a', 0, user, 'e1'],
      ['a', 1, user, 'e2'],
      ['a', 2, user, 'e3'],
    ] as const
    expect(firing(text, [...again, ...again])).toEqual([2, 5])
  })

  test('K7 late hits are put in order; those that are too late are counted as such', () => {
    expect(firing(count('gte: 3'), times('login', [50, 10, 30]))).toEqual([2])
    const network = networkOf(count('gte: 2'))
    for (const shot of times('login', [60.001, 0])) expect(network.judge(hitOf(shot))).toEqual([])
    expect(network.states()).toMatchObject([{ late: 1, hits: 0 }])
  })

  test('K8 memory: groups that were used least recently are given up, and it is said', () => {
    const { correlations } = compileText(count('gte: 2'))
    const network = new CorrelationNetwork<string>(correlations, { mostGroups: 2 })
    for (const User of ['a', 'b', 'a', 'c', 'b']) network.judge(hitOf(['login', 0, { User }, '']))
    expect(network.states()).toMatchObject([{ groups: 2, evicted: 2, hits: 1 }])
  })

  test('what a firing tells', () => {
    const network = networkOf(count('gte: 2'))
    const fired = times('login', [0, 1]).flatMap((shot) => network.judge(hitOf(shot)))
    expect(fired[0]?.title({})).toBe('Correlated: User a, 2 times')
    expect(fired[0]?.entity({})).toBe('User:a')
    expect(fired).toMatchObject([
      {
        alerts: true,
        id: 'login1',
        time: 1000,
        trigger: 'login1',
        items: ['login0', 'login1'],
        count: 2,
        aggregate: { User: 'a', count: 2 },
      },
    ])
  })

  test('titles of their own name groups, the count and fields of the event', () => {
    const more = `vedette: { title: '{count} by {User} on {Computer}', entity: 'account:{User}' }`
    const text = `${count('gte: 1')}\n${more}`
    const [firing] = networkOf(text).judge(hitOf(['login', 0, { User: 'a\u001b[1m' }]))
    expect(firing?.title({ Computer: 'pc' })).not.toContain('\u001b')
    expect(firing?.title({ Computer: 'pc' })).toContain('1 by a')
    expect(firing?.title({ Computer: 'pc' })).toContain('on pc')
  })

  test('a firing carries at most a hundred hits, the trigger among them', () => {
    const network = networkOf(count('gte: 150'))
    const fired = times(
      'login',
      Array.from({ length: 150 }, (_, i) => i / 10),
    ).flatMap((shot) => network.judge(hitOf(shot)))
    expect(fired).toHaveLength(1)
    expect(fired[0]?.count).toBe(150)
    expect(fired[0]?.items).toHaveLength(100)
    expect(fired[0]?.items.at(-1)).toBe('login149')
  })
})

const value = (type: string, condition: string) =>
  file(
    base('get'),
    correlation(`type: ${type}, rules: [get], group-by: [User], timespan: 60s, condition: { ${condition} }`),
  )
const values = (...list: readonly string[]): Shot[] =>
  list.map((field, second) => ['get', second, { User: 'a', Bytes: field }])

describe('values', () => {
  test('K9 value_count counts different values; one that comes again is younger', () => {
    const text = value('value_count', 'field: Bytes, gte: 3')
    expect(firing(text, values('a', 'b', 'a', 'b', 'b'))).toEqual([])
    expect(firing(text, values('a', 'b', 'a', 'b', 'c'))).toEqual([4])
    const at = (second: number, Bytes: string): Shot => ['get', second, { User: 'a', Bytes }]
    expect(firing(text, [at(0, 'a'), at(10, 'b'), at(55, 'a'), at(65, 'c')])).toEqual([3])
    expect(firing(text, [at(0, 'a'), at(10, 'b'), at(65, 'c')])).toEqual([])
    expect(firing(text, [at(0, 'a'), ['get', 1, { User: 'a' }], at(2, 'b')])).toEqual([])
  })

  test('K9 several fields make one value', () => {
    const text = value('value_count', 'field: [Bytes, Port], gte: 3')
    const at = (second: number, Bytes: string, Port: string): Shot => [
      'get',
      second,
      { User: 'a', Bytes, Port },
    ]
    expect(firing(text, [at(0, 'a', '1'), at(1, 'a', '2'), at(2, 'a', '1')])).toEqual([])
    expect(firing(text, [at(0, 'a', '1'), at(1, 'a', '2'), at(2, 'b', '1')])).toEqual([2])
  })

  test.each([
    ['value_sum', 'gte: 6', ['1', '2', '3'], [2]],
    ['value_sum', 'gt: 6', ['1', '2', '3'], []],
    ['value_sum', 'gte: 0.3', ['0.1', '0.2'], [1]],
    ['value_sum', 'gte: 5', ['x', '', '5'], [2]],
    ['value_avg', 'gte: 2.5', ['1', '4'], [1]],
    ['value_avg', 'lt: 1.5', ['2', '1', '0'], [2]],
    ['value_median', 'gte: 3', ['1', '3', '5'], [1 + 1]],
    ['value_min', 'lt: 0', ['3', '-1'], [1]],
    ['value_max', 'gte: 9', ['3', '9'], [1]],
    ['value_percentile', 'gte: 5, percentile: 100', ['1', '5'], [1]],
    ['value_percentile', 'gte: 10, percentile: 75', ['1', '10', '10', '10'], [1]],
    ['value_percentile', 'gte: 10', ['1', '1', '10', '10', '10'], [4]],
  ])('K10 %s %s of %j', (type, condition, list, expected) => {
    expect(firing(value(type, `field: Bytes, ${condition}`), values(...list))).toEqual(expected)
  })

  test('K10 the measured value is told, and what has left the window is taken away exactly', () => {
    const network = networkOf(value('value_sum', 'field: Bytes, gte: 0.35'))
    const at = (second: number, Bytes: string) => network.judge(hitOf(['get', second, { User: 'a', Bytes }]))
    for (const second of [0, 1]) expect(at(second, '0.1')).toEqual([])
    expect(at(61.5, '0.3')).toEqual([])
    expect(at(62, '0.05')[0]?.aggregate).toMatchObject({ count: 2, value: 0.35 })
  })
})

const temporal = (type: string, more = '') =>
  file(
    base('a'),
    base('b'),
    base('c'),
    correlation(`type: ${type}, rules: [a, b, c], group-by: [User], timespan: 60s${more}`),
  )
const user = { User: 'u' }
const shots = (...list: readonly (readonly [string, number])[]): Shot[] =>
  list.map(([rule, second], n) => [rule, second, user, `${n}`])

describe('temporal', () => {
  test('K11 every rule within the timespan, in any order', () => {
    expect(firing(temporal('temporal'), shots(['c', 0], ['a', 30], ['b', 60]))).toEqual([2])
    expect(firing(temporal('temporal'), shots(['c', 0], ['a', 30], ['b', 61]))).toEqual([])
    expect(firing(temporal('temporal'), shots(['c', 0], ['c', 1], ['b', 2]))).toEqual([])
    expect(
      firing(temporal('temporal', ', condition: { gte: 2 }'), shots(['c', 0], ['c', 1], ['b', 2])),
    ).toEqual([2])
  })

  test('K11 one event may be a hit of several rules', () => {
    const shot = (rule: string): Shot => [rule, 0, user, 'e']
    expect(firing(temporal('temporal'), [shot('a'), shot('b'), shot('c')])).toEqual([2])
    expect(firing(temporal('temporal_ordered'), [shot('a'), shot('b'), shot('c')])).toEqual([])
  })

  test('K12 in order', () => {
    const ordered = temporal('temporal_ordered')
    expect(firing(ordered, shots(['a', 0], ['b', 1], ['c', 2]))).toEqual([2])
    expect(firing(ordered, shots(['b', 0], ['a', 1], ['c', 2]))).toEqual([])
    expect(firing(ordered, shots(['b', 0], ['a', 1], ['c', 2], ['b', 3], ['c', 4]))).toEqual([4])
    expect(firing(ordered, shots(['a', 0], ['b', 1], ['c', 61]))).toEqual([])
    expect(firing(ordered, shots(['a', 0], ['b', 1], ['a', 50], ['b', 51], ['c', 61]))).toEqual([4])
    // Late ones stand where their time is.
    expect(firing(ordered, shots(['a', 0], ['c', 2], ['b', 1]))).toEqual([2])
    expect(firing(ordered, shots(['c', 2], ['b', 1], ['a', 0]))).toEqual([2])
    expect(firing(ordered, shots(['c', 0], ['b', 1], ['a', 2]))).toEqual([])
  })

  test('K13 a firing uses up its hits', () => {
    for (const type of ['temporal', 'temporal_ordered']) {
      const text = temporal(type)
      expect(firing(text, shots(['a', 0], ['b', 1], ['c', 2], ['c', 3]))).toEqual([2])
      expect(firing(text, shots(['a', 0], ['b', 1], ['c', 2], ['a', 3], ['b', 4], ['c', 5]))).toEqual([2, 5])
      const again = shots(['a', 0], ['b', 1], ['c', 2])
      expect(firing(text, [...again, ...again])).toEqual([2, 5])
    }
  })

  test.each([
    [
      'temporal',
      'a and (b or c)',
      [
        ['a', 0],
        ['c', 1],
      ],
      [1],
    ],
    [
      'temporal',
      'a and b and not c',
      [
        ['a', 0],
        ['b', 1],
      ],
      [1],
    ],
    [
      'temporal',
      'a and b and not c',
      [
        ['a', 0],
        ['c', 1],
        ['b', 2],
      ],
      [],
    ],
    ['temporal_extended', 'a or b', [['b', 0]], [0]],
    ['temporal', '1 of them', [['b', 0]], [0]],
    [
      'temporal_ordered',
      'a and b and not c',
      [
        ['a', 0],
        ['b', 1],
      ],
      [1],
    ],
    [
      'temporal_ordered',
      'a and b and not c',
      [
        ['a', 0],
        ['c', 1],
        ['b', 2],
      ],
      [],
    ],
    [
      'temporal_ordered',
      'a and b and not c',
      [
        ['b', 0],
        ['a', 1],
      ],
      [],
    ],
    [
      'temporal_ordered_extended',
      'a and c',
      [
        ['a', 0],
        ['c', 1],
      ],
      [1],
    ],
    [
      'temporal_ordered',
      'c and a',
      [
        ['c', 0],
        ['a', 1],
      ],
      [],
    ],
  ] as const)('K14 %s: %s', (type, expression, list, expected) => {
    expect(firing(temporal(type, `, condition: ${expression}`), shots(...list))).toEqual(expected)
  })

  test('K14 an expression names the rules where nothing else does', () => {
    const text = file(
      base('a'),
      base('b'),
      correlation('type: temporal, group-by: [User], timespan: 60s, condition: a and b'),
    )
    expect(firing(text, shots(['a', 0], ['b', 1]))).toEqual([1])
  })
})

describe('references', () => {
  test('K15 aliases name a field for each rule', () => {
    const text = file(
      base('out'),
      base('in'),
      correlation(
        'type: temporal, rules: [out, id-in], group-by: [ip], timespan: 10s, aliases: { ip: { out: Dest, in: Source } }',
      ),
    )
    expect(
      firing(text, [
        ['out', 0, { Dest: '1' }],
        ['in', 1, { Source: '1' }],
      ]),
    ).toEqual([1])
    expect(
      firing(text, [
        ['out', 0, { Dest: '1' }],
        ['in', 1, { Dest: '1', Source: '2' }],
      ]),
    ).toEqual([])
    expect(networkOf(text).fieldsOf('id-out')).toEqual(['Dest'])
  })

  const chained = file(
    correlation('type: temporal_ordered, rules: [many, good], group-by: [User], timespan: 10m'),
    `
name: many
correlation: { type: event_count, rules: [bad], group-by: [User, Computer], timespan: 1m, condition: { gte: 3 } }`,
    base('bad'),
    base('good'),
  )

  test('K16 a correlation over a correlation', () => {
    const fields = { User: 'u', Computer: 'x' }
    const bad = (second: number): Shot => ['bad', second, fields]
    expect(firing(chained, [bad(0), bad(1), ['good', 2, fields]])).toEqual([])
    expect(firing(chained, [bad(0), bad(1), bad(2), ['good', 3, fields]])).toEqual([3])
    expect(firing(chained, [bad(0), bad(1), bad(2), ['good', 3, { User: 'v' }]])).toEqual([])
    const network = networkOf(chained)
    const fired = [bad(0), bad(1), bad(2), ['good', 3, fields] as Shot].map((shot) =>
      network.judge(hitOf(shot)),
    )
    expect(fired[2]).toMatchObject([{ alerts: false, aggregate: { User: 'u', Computer: 'x', count: 3 } }])
    expect(fired[3]).toMatchObject([{ alerts: true, items: ['bad@0', 'bad@1', 'bad@2', 'good@3'] }])
    expect(network.fieldsOf('id-bad')).toEqual(['User', 'Computer'])
    expect(network.states().map(({ info, silent, hits }) => [info.title, silent, hits])).toEqual([
      ['many', true, 1],
      ['Correlated', false, 1],
    ])
  })

  test('K17 rules that are only parts of correlations are silent, unless one generates them', () => {
    const network = networkOf(chained)
    expect(['id-bad', 'id-good', 'corr', 'else'].map((id) => network.silent(id))).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect(['id-bad', 'else'].map((id) => network.concerns(id))).toEqual([true, false])
    const told = networkOf(
      file(
        base('login'),
        correlation('type: event_count, rules: login, timespan: 1m, condition: { gte: 2 }, generate: true'),
      ),
    )
    expect(told.silent('id-login')).toBe(false)
  })
})

describe('state', () => {
  test('K18 goes on after a restart where it was', () => {
    const all = times('login', [0, 1, 2, 3, 4, 5, 6, 7])
    const whole = firing(count('gte: 3'), all)
    for (let cut = 0; cut <= all.length; cut += 1) {
      const before = networkOf(count('gte: 3'))
      const fired = all.slice(0, cut).map((shot) => before.judge(hitOf(shot)).length)
      const after = networkOf(count('gte: 3'))
      // An empty window is not worth a word.
      expect(after.restore(before.save())).toEqual({ restored: Math.min(cut, 1), dropped: [] })
      fired.push(...all.slice(cut).map((shot) => after.judge(hitOf(shot)).length))
      expect(fired.flatMap((number, position) => (number > 0 ? [position] : []))).toEqual(whole)
    }
  })

  test.each([
    ['temporal', [2, 5]],
    ['temporal_ordered', [2, 6]],
  ])('K18 of %s, with what was used up', (type, expected) => {
    const all = shots(['a', 0], ['b', 1], ['c', 2], ['c', 3], ['a', 4], ['b', 5], ['c', 6])
    for (let cut = 0; cut <= all.length; cut += 1) {
      const before = networkOf(temporal(type))
      const fired = all.slice(0, cut).map((shot) => before.judge(hitOf(shot)).length)
      const after = networkOf(temporal(type))
      after.restore(before.save())
      fired.push(...all.slice(cut).map((shot) => after.judge(hitOf(shot)).length))
      expect(fired.flatMap((number, position) => (number > 0 ? [position] : []))).toEqual(expected)
    }
  })

  test('K18 of a correlation that is gone or changed it is dropped', () => {
    const before = networkOf(count('gte: 3'))
    for (const shot of times('login', [0, 1])) before.judge(hitOf(shot))
    const changed = networkOf(count('gte: 2'))
    expect(changed.restore(before.save())).toMatchObject({ restored: 0, dropped: [{ id: 'corr' }] })
    expect(changed.judge(hitOf(['login', 2, { User: 'a' }]))).toEqual([])
    const gone = networkOf(base('login'))
    expect(gone.restore(before.save())).toMatchObject({ restored: 0, dropped: [{ id: 'corr' }] })
  })

  test('K18 damaged state is none', () => {
    const network = networkOf(count('gte: 2'))
    network.judge(hitOf(['login', 0, { User: 'a' }]))
    const bytes = network.save()
    const cut = networkOf(count('gte: 2'))
    expect(cut.restore(bytes.subarray(0, bytes.length - 5))).toMatchObject({
      restored: 0,
      dropped: [{ id: '' }],
    })
    expect(cut.restore(new TextEncoder().encode('{"version":2}'))).toMatchObject({ restored: 0 })
    expect(cut.states()).toMatchObject([{ groups: 0 }])
  })
})

describe('faults', () => {
  const withBase = (body: string) => file(base('login'), correlation(body))
  test.each([
    ['type: event_count, rules: [login], timespan: 1m', 'invalid-condition'],
    ['type: event_count, rules: [login], timespan: 1m, condition: {}', 'invalid-condition'],
    ['type: event_count, rules: [login], timespan: 1m, condition: { gte: x }', 'invalid-value'],
    ['type: event_count, rules: [login], timespan: 1m, condition: { gte: 2, lt: 2 }', 'invalid-condition'],
    ['type: event_count, rules: [login], timespan: 1m, condition: { lt: 1 }', 'invalid-condition'],
    ['type: event_count, rules: [login], timespan: 1m, condition: { gte: 2, field: x }', 'invalid-condition'],
    ['type: event_count, rules: [login], timespan: 1m, condition: a and b', 'invalid-condition'],
    ['type: event_count, rules: [login], timespan: 1 minute, condition: { gte: 2 }', 'invalid-value'],
    ['type: event_count, rules: [login], timespan: 0s, condition: { gte: 2 }', 'invalid-value'],
    ['type: event_cuont, rules: [login], timespan: 1m, condition: { gte: 2 }', 'invalid-value'],
    ['type: event_count, rules: [logon], timespan: 1m, condition: { gte: 2 }', 'unknown-rule'],
    ['type: event_count, rules: [login, id-login], timespan: 1m, condition: { gte: 2 }', 'rule-twice'],
    ['type: event_count, rules: [], timespan: 1m, condition: { gte: 2 }', 'invalid-value'],
    ['type: event_count, rules: [top], timespan: 1m, condition: { gte: 2 }', 'correlation-cycle'],
    ['type: event_count, rules: [login], timespan: 1m, condition: { gte: 2 }, group_by: [x]', 'unknown-key'],
    ['type: value_count, rules: [login], timespan: 1m, condition: { gte: 2 }', 'invalid-condition'],
    [
      'type: value_sum, rules: [login], timespan: 1m, condition: { gte: 2, field: [a, b] }',
      'invalid-condition',
    ],
    [
      'type: value_sum, rules: [login], timespan: 1m, condition: { gte: 2, field: a, percentile: 5 }',
      'invalid-condition',
    ],
    [
      'type: value_percentile, rules: [login], timespan: 1m, condition: { gte: 2, field: a, percentile: 101 }',
      'invalid-value',
    ],
    ['type: temporal, rules: [login], timespan: 1m, condition: { gte: 2 }', 'invalid-condition'],
    ['type: temporal, rules: [login], timespan: 1m, condition: not login', 'invalid-condition'],
    ['type: temporal, rules: [login], timespan: 1m, condition: login and logon', 'invalid-condition'],
    ['type: temporal_ordered, rules: [login], timespan: 1m, condition: login or login', 'invalid-condition'],
    [
      'type: temporal, rules: [login], timespan: 1m, group-by: [x], aliases: { x: { logon: y } }',
      'alias-incomplete',
    ],
  ])('K19 %s: %s', (body, code) =>
    expect(compileText(withBase(body)).problems.map((problem) => problem.code)).toEqual([code]),
  )

  test('K19 a fault has a place and a hint, and the rest is used', () => {
    const text = file(
      base('login'),
      correlation('type: event_count, rules: [login], timespan: 1m, condition: { gte: 2 }', 'name: good'),
      correlation(
        'type: event_count, rules: [logn], timespan: 1m, condition: { gte: 2 }',
        'name: bad',
      ).replace('id: corr', 'id: other'),
    )
    const { correlations, problems } = compileText(text)
    expect(correlations.map(({ name }) => name)).toEqual(['good'])
    expect(problems).toMatchObject([
      { code: 'unknown-rule', line: 19, column: 43, hint: 'did you mean "login"' },
    ])
  })

  test('K15 a name is sought in the same file first, and is refused where it is not clear', () => {
    const own = file(
      base('login'),
      correlation('type: event_count, rules: [login], timespan: 1m, condition: { gte: 2 }'),
    )
    const other = base('login').replace('id-login', 'id-2')
    expect(compileText([own, other]).correlations[0]?.references).toEqual(['id-login'])
    const apart = correlation('type: event_count, rules: [login], timespan: 1m, condition: { gte: 2 }')
    expect(compileText([base('login'), other, apart]).problems).toMatchObject([{ code: 'ambiguous-rule' }])
  })
})
