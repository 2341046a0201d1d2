import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  authenticationEvent,
  fileEvent,
  logEvent,
  networkEvent,
  processEvent,
  systemEvent,
} from '../testing/events.ts'
import { codesOf, compileText, detect, engineOf, sigmaText } from '../testing/rules.ts'

const command = (cmd_line: string) => processEvent({ process: { cmd_line } })
const fires = (selection: string, cmd_line: string) => detect(selection, command(cmd_line)) !== undefined

describe('fields', () => {
  test('F1 names of the taxonomy and paths of the Event', () => {
    const rule = (field: string) => `
title: Test
logsource: { product: linux, category: process_creation }
detection: { selection: { ${field}: bash -i }, condition: selection }`
    expect(engineOf(rule('CommandLine')).evaluate([command('bash -i')])).toHaveLength(1)
    expect(engineOf(rule('process.cmd_line')).evaluate([command('bash -i')])).toHaveLength(1)
    expect(codesOf(rule('commandline'))).toEqual(['unknown-field'])
  })

  test('F1 a value that the taxonomy calls otherwise', () => {
    const rule = `
title: Test
logsource: { product: linux, category: network_connection }
detection: { selection: { Initiated: 'true', DestinationPort: 443 }, condition: selection }`
    expect(engineOf(rule).evaluate([networkEvent()])).toHaveLength(1)
    const inbound = networkEvent({ activity: 'accept', direction: 'inbound' })
    expect(engineOf(rule).evaluate([inbound])).toHaveLength(0)
  })

  test('F2 any element of a list, or the one at a position', () => {
    const ancestry = ['sh', 'sshd', 'systemd'].map((name, pid) => ({ ...processEvent().process, pid, name }))
    const event = processEvent({ process: { ancestry } })
    expect(detect('process.ancestry.name: sshd', event)?.matches).toMatchObject([
      { field: 'process.ancestry.1.name', value: 'sshd' },
    ])
    expect(detect('process.ancestry.0.name: sh', event)).toBeDefined()
    expect(detect('process.ancestry.0.name: sshd', event)).toBeUndefined()
    expect(detect('process.ancestry.9.name: sshd', event)).toBeUndefined()
  })

  test('F2 standard streams', () => {
    const streams = [
      { type: 'socket', peer: { ip: '127.0.0.1', port: 4444 } },
      { type: 'socket' },
      { type: 'tty' },
    ] as const
    const event = processEvent({ process: { streams } })
    expect(detect('process.streams.0.peer.ip|exists: true', event)).toBeDefined()
    expect(detect('process.streams.2.peer.ip|exists: true', event)).toBeUndefined()
    expect(detect('process.streams.type: tty', event)).toBeDefined()
  })

  test.each([
    ['exists: true', false, true, true],
    ['exists: false', true, false, false],
    ['null', true, false, false],
    ["''", false, true, false],
    ['*', false, true, true],
  ])('F3 %s on missing, empty and given text', (how, missing, empty, given) => {
    const selection = how.startsWith('exists') ? `message|${how}` : `message: '${how}'`.replace("''''", "''")
    const text = how === 'null' ? 'message: null' : selection
    const without = processEvent()
    expect(detect(text, without) !== undefined).toBe(missing)
    expect(detect(text, { ...without, message: '' }) !== undefined).toBe(empty)
    expect(detect(text, { ...without, message: 'x' }) !== undefined).toBe(given)
  })

  test('F3 a value that is null is there, and is null', () => {
    const event = { ...processEvent(), message: null as never }
    expect(detect('message|exists: true', event)).toBeDefined()
    expect(detect('message: null', event)).toBeDefined()
    expect(detect("message: ''", event)).toBeUndefined()
  })

  test.each(['22', "'22'"])('F4 a port as %s', (port) => {
    const event = networkEvent({ dst_endpoint: { ip: '198.51.100.7', port: 22 } })
    expect(detect(`dst_endpoint.port: ${port}`, event)).toBeDefined()
    expect(detect(`dst_endpoint.port: ${port}`, networkEvent())).toBeUndefined()
  })

  test('F4 truth values', () => {
    const event = processEvent({ process: { file: { path: '/x', name: 'x', is_deleted: true } } })
    expect(detect('process.file.is_deleted: true', event)).toBeDefined()
    expect(detect('process.file.is_deleted: false', event)).toBeUndefined()
  })

  test('F5 keywords search every text, and tell where they stood', () => {
    const event = logEvent({ message: 'kernel: Segfault at 0', path: '/var/log/kern.log' })
    expect(detect('- segfault', event)?.matches).toEqual([
      { event: event.id, field: 'message', value: 'kernel: Segfault at 0', start: 8, length: 8 },
    ])
    expect(detect('- kern.log', event)).toBeDefined()
    expect(detect('- seg*at 0', event)).toBeDefined()
    expect(detect('- web-1', event)).toBeUndefined()
    expect(detect("'|all': [kernel, segfault]", event)).toBeDefined()
    expect(detect("'|all': [kernel, nothing]", event)).toBeUndefined()
    expect(detect("'|re': 'at \\d$'", event)).toBeDefined()
    expect(detect('segfault', event)).toBeDefined()
  })

  test('F6 fields of an audit record', () => {
    const rule = `
title: Test
logsource: { product: linux, service: auditd }
detection: { selection: { type: EXECVE, a0: sh, a2|contains: 'ls -la' }, condition: selection }`
    const message = 'type=EXECVE msg=audit(1.2:3): argc=3 a0="sh" a1="-c" a2=69643B206C73202D6C61'
    const [detection] = engineOf(rule).evaluate([logEvent({ message })])
    expect(detection?.matches).toContainEqual(
      expect.objectContaining({ field: 'message', value: 'id; ls -la', start: 4, length: 6 }),
    )
    expect(engineOf(rule).evaluate([logEvent({ message: message.replace('msg=audit', 'x') })])).toEqual([])
  })

  test('F6 a rule about audited calls holds for a log and for what the sensor saw', () => {
    const rule = `
title: Test
logsource: { product: linux, service: auditd }
detection: { selection: { type: SYSCALL, SYSCALL: ptrace, exe|startswith: /usr/ }, condition: selection }`
    const message =
      'type=SYSCALL msg=audit(1.2:3): arch=c000003e syscall=101 exe="/usr/bin/gdb" SYSCALL=ptrace'
    expect(engineOf(rule).evaluate([logEvent({ message }), systemEvent()])).toHaveLength(2)
    expect(engineOf(rule).evaluate([systemEvent({ system_call: 'setns' })])).toEqual([])
    // What a log may say is not limited to what the sensor says.
    expect(codesOf(rule.replace('type: SYSCALL', 'type: EXECVE'))).toEqual([])
  })

  test('F2 a part of a map whose names are not known beforehand', () => {
    const rule = (selection: string) => `
title: Test
logsource: { product: vedette, category: system }
detection: { selection: { ${selection} }, condition: selection }`
    const event = systemEvent({ arguments: { request: 'PTRACE_ATTACH', old_uid: 1000 } })
    expect(engineOf(rule('arguments.request: PTRACE_ATTACH')).evaluate([event])).toHaveLength(1)
    expect(engineOf(rule('arguments.old_uid|gt: 0')).evaluate([event])).toHaveLength(1)
    expect(engineOf(rule('arguments.old_uid|gt: 1000')).evaluate([event])).toEqual([])
    expect(codesOf(rule('arguments.request.name: x'))).toEqual(['unknown-field'])
  })
})

describe('text', () => {
  test.each([
    ['process.cmd_line: bash', 'BASH', true],
    ['process.cmd_line: bash', 'bash -i', false],
    ['process.cmd_line|cased: bash', 'BASH', false],
    ['process.cmd_line|cased: bash', 'bash', true],
    ['process.cmd_line|contains: SH -', 'bash -i', true],
    ['process.cmd_line|contains|cased: SH -', 'bash -i', false],
    ['process.cmd_line|startswith: ba', 'bash', true],
    ['process.cmd_line|startswith: sh', 'bash', false],
    ['process.cmd_line|endswith: SH', 'bash', true],
    ['process.cmd_line|endswith: ba', 'bash', false],
    ['process.cmd_line: ba*', 'bash -i', true],
    ['process.cmd_line: b?sh', 'bash', true],
    ['process.cmd_line|contains: b?sh*i', 'exec bash -i now', true],
    ['process.cmd_line: [x, bash]', 'bash', true],
    ['process.cmd_line|contains|all: [ba, sh]', 'bash', true],
    ['process.cmd_line|contains|all: [ba, zz]', 'bash', false],
    ['process.cmd_line|startswith: ÄÖ', 'äöü', true],
    ['process.cmd_line|contains: kill', '\u212Aill -9', true],
  ])('X1 X2 C5 %s on %s: %s', (selection, text, expected) => expect(fires(selection, text)).toBe(expected))

  test.each([
    [String.raw`\*`, '*', true],
    [String.raw`\*`, 'x', false],
    [String.raw`C:\\*`, String.raw`C:\x`, true],
    [String.raw`C:\\\*`, String.raw`C:\*`, true],
    [String.raw`C:\\\*`, String.raw`C:\x`, false],
    [String.raw`a\b`, String.raw`a\b`, true],
  ])('X2 %s on %s: %s', (value, text, expected) => {
    expect(fires(`process.cmd_line: '${value}'`, text)).toBe(expected)
  })

  test('X3 re is searched for and minds case; i makes it not', () => {
    expect(fires('process.cmd_line|re: sh$', 'bash')).toBe(true)
    expect(fires('process.cmd_line|re: SH$', 'bash')).toBe(false)
    expect(fires('process.cmd_line|re|i: SH$', 'bash')).toBe(true)
    const { matches } = detect('process.cmd_line|re: a+', command('xxaay')) ?? { matches: [] }
    expect(matches).toMatchObject([{ start: 2, length: 2 }])
  })

  test.each(['-', '/', '\u2013', '\u2014', '\u2015'])('X4 windash takes %s for a dash', (dash) => {
    expect(fires("process.cmd_line|windash|contains: ' -enc'", `x ${dash}enc`)).toBe(true)
    expect(fires("process.cmd_line|contains: ' -enc'", `x ${dash}enc`)).toBe(dash === '-')
  })

  test('X5 base64offset finds the value in any longer text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 6 }), fc.string({ maxLength: 6 }), (before, after) => {
        const encoded = Buffer.from(`${before}/bin/bash${after}`).toString('base64')
        expect(fires('process.cmd_line|base64offset|contains: /bin/bash', `echo ${encoded}`)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  test('X5 base64, and texts of 16 bits', () => {
    const wide = Buffer.from('ping', 'utf16le')
    expect(fires('process.cmd_line|base64|contains: foobar', `x ${btoa('foobar')}`)).toBe(true)
    expect(fires('process.cmd_line|wide|base64offset|contains: ping', wide.toString('base64'))).toBe(true)
    expect(
      fires('process.cmd_line|utf16be|base64|contains: ping', Buffer.from(wide).swap16().toString('base64')),
    ).toBe(true)
    expect(
      fires(
        'process.cmd_line|utf16|base64|contains: ping',
        Buffer.concat([Buffer.from([0xff, 0xfe]), wide]).toString('base64'),
      ),
    ).toBe(true)
  })

  test('X6 expand takes values from the parameters', () => {
    const selection = "process.name|expand: '%names%'"
    const event = processEvent()
    expect(detect(selection, event, { names: ['zsh', 'ba*'] })).toBeDefined()
    expect(detect(selection, event, { names: ['zsh'] })).toBeUndefined()
    expect(detect(selection, event, { names: [] })).toBeUndefined()
    expect(detect("process.pid|expand: '%pid%'", event, { pid: 100 })).toBeDefined()
    expect(codesOf(sigmaText(`s: { ${selection} }\ncondition: s`))).toEqual(['unresolved-placeholder'])
    expect(fires("process.cmd_line: '%names%'", '%names%')).toBe(true)
  })

  test('X7 neq is met where nothing matches, also where the field is missing', () => {
    expect(fires('process.cmd_line|neq: [a, bash]', 'bash')).toBe(false)
    expect(fires('process.cmd_line|neq: [a, b]', 'bash')).toBe(true)
    expect(detect('process.cgroup|neq: x', processEvent())).toBeDefined()
  })

  test('X8 fieldref compares two fields', () => {
    const same = processEvent({ process: { name: 'Bash', cmd_line: 'bash' } })
    expect(detect('process.cmd_line|fieldref: process.name', same)).toBeDefined()
    expect(detect('process.cmd_line|fieldref|cased: process.name', same)).toBeUndefined()
    expect(detect('process.cmd_line|fieldref|neq: process.name', same)).toBeUndefined()
    expect(detect('process.path|fieldref|endswith: process.name', same)?.matches).toMatchObject([
      { start: 9, length: 4 },
    ])
    expect(detect('process.cmd_line|fieldref: process.cgroup', same)).toBeUndefined()
  })

  test('X9 X10 ranges and comparisons', () => {
    const event = networkEvent()
    expect(detect('dst_endpoint.ip|cidr: [10.0.0.0/8, 198.51.100.0/24]', event)).toBeDefined()
    expect(detect('dst_endpoint.ip|cidr: 10.0.0.0/8', event)).toBeUndefined()
    expect(detect('dst_endpoint.port|lt: 443', event)).toBeUndefined()
    expect(detect('dst_endpoint.port|lte: 443', event)).toBeDefined()
    expect(detect('dst_endpoint.port|gt: 442', event)).toBeDefined()
    expect(detect('dst_endpoint.port|gte: 444', event)).toBeUndefined()
    expect(detect('dst_endpoint.ip|gt: 1', event)).toBeUndefined()
  })
})

describe('selections', () => {
  test('C4 all of a map, any of a list of maps, any of keywords, mixed', () => {
    const event = processEvent()
    expect(detect('process.name: bash\nprocess.pid: 100', event)).toBeDefined()
    expect(detect('process.name: bash\nprocess.pid: 101', event)).toBeUndefined()
    expect(detect('- process.name: zsh\n- process.pid: 100', event)).toBeDefined()
    expect(detect('- process.name: zsh\n- nothing', event)).toBeUndefined()
    expect(detect('- process.name: zsh\n- BASH -I', event)).toBeDefined()
  })

  test('E4 only what made the rule fire is told, with its place', () => {
    const rule = sigmaText(
      'a: { process.cmd_line|contains: [curl, wget] }\nb: { process.name: nothing }\nc: { process.user.name: root }\ncondition: (a or b) and c and not b',
    )
    const event = command('x; CURL y | sh')
    expect(engineOf(rule).evaluate([event])[0]?.matches).toEqual([
      { event: event.id, field: 'process.cmd_line', value: 'x; CURL y | sh', start: 3, length: 4 },
      { event: event.id, field: 'process.user.name', value: 'root' },
    ])
  })

  test('E4 a part that held within one that did not is not told', () => {
    const rule = sigmaText(
      'a: { process.name: bash }\nb: { process.name: nothing }\nc: { process.user.name: root }\ncondition: (a and b) or c',
    )
    const fieldsOf = ({ matches }: { readonly matches: readonly { readonly field: string }[] }) =>
      matches.map(({ field }) => field)
    expect(
      engineOf(rule)
        .evaluate([processEvent()])
        .map((one) => fieldsOf(one)),
    ).toEqual([['process.user.name']])
  })

  test('E4 a place in a long value is shown with what is around it', () => {
    const { matches } = detect('process.cmd_line|contains: needle', command(`${'x'.repeat(9000)}needle`)) ?? {
      matches: [],
    }
    const { value = '', start = 0, length } = matches[0] ?? {}
    expect(value.slice(start, start + (length ?? 0))).toBe('needle')
    expect(value.length).toBeLessThanOrEqual(4096)
  })
})

describe('problems', () => {
  const text = (selection: string, category = 'process') =>
    sigmaText(`s:\n  ${selection}\ncondition: s`, category)

  test.each([
    ['process.name|contians: x', 'unknown-modifier'],
    ['process.name|hour: 24', 'invalid-value'],
    ['process.name|hour: x', 'invalid-value'],
    ['process.name|hour|minute: 3', 'modifier-conflict'],
    ['process.name|hour|contains: 3', 'modifier-conflict'],
    ['process.name|hour|cased: 3', 'modifier-conflict'],
    ['process.name|hour|base64: 3', 'modifier-conflict'],
    ["'|hour': 3", 'modifier-conflict'],
    ['process.*: x', 'invalid-field'],
    ['process.pid|all|gt: [1, 2]', 'modifier-conflict'],
    ['process.name|contains|contains: x', 'modifier-twice'],
    ['process.name|contains|endswith: x', 'modifier-conflict'],
    ['process.name|re|cased: x', 'modifier-conflict'],
    ['process.name|base64|re: x', 'modifier-conflict'],
    ['process.name|exists|all: true', 'modifier-conflict'],
    ['process.name|i: x', 'modifier-misplaced'],
    ["'|cidr': 10.0.0.0/8", 'modifier-conflict'],
    ['process.name|exists: maybe', 'invalid-value'],
    ['process.name|contains: null', 'invalid-value'],
    ['process.name|base64: a*b', 'invalid-value'],
    ['process.name|expand: none', 'no-placeholder'],
    ['process.pid|gt: many', 'invalid-value'],
    ['process.user.name|cidr: 10.0.0.0/33', 'invalid-value'],
    ['process.name|re: (', 'invalid-regex'],
    ['process.name: [[x]]', 'invalid-value'],
    ['process.name: { x: y }', 'invalid-value'],
    ['process.name: []', 'empty-list'],
    ['process.nam: x', 'unknown-field'],
    ['process.container: x', 'field-has-parts'],
    ['activity: lanch', 'impossible-value'],
    ['process.cmd_line|fieldref: process.nam', 'unknown-field'],
  ])('%s: %s', (selection, code) => expect(codesOf(text(selection))).toEqual([code]))

  test('L2 has a place and a hint', () => {
    const { problems } = compileText(text('process.name|contians: x'))
    expect(problems).toEqual([
      {
        file: 'test.yml',
        line: 5,
        column: 5,
        code: 'unknown-modifier',
        message: 'unknown modifier "contians"',
        hint: 'did you mean "contains"',
        excerpt: '    process.name|contians: x',
      },
    ])
    expect(compileText(text('process.nam: x')).problems[0]?.hint).toBe('did you mean "process.name"')
    expect(compileText(text('activity: lanch')).problems[0]?.hint).toBe('did you mean "launch"')
  })

  test('L2 the place of a value in a list, and every fault is told', () => {
    const { problems } = compileText(text('process.name|re:\n    - ok\n    - "("\n    - ")"'))
    expect(problems.map(({ line, column }) => [line, column])).toEqual([
      [7, 10],
      [8, 10],
    ])
  })

  test('L6 a field that only one of the kinds has is enough', () => {
    const rule = `
title: Test
logsource: { product: linux, service: sshd }
detection: { selection: { user.name: root }, condition: selection }`
    expect(engineOf(rule).evaluate([authenticationEvent(), logEvent({ service: 'sshd' })])).toHaveLength(1)
  })

  test('L6 a log source that nothing delivers', () => {
    const rule =
      'title: Test\nlogsource: { product: linx, category: process_creation }\ndetection: { s: { a: b }, condition: s }'
    expect(compileText(rule).warnings).toMatchObject([
      {
        code: 'unsupported-log-source',
        line: 2,
        hint: 'did you mean "product: linux, category: process_creation"',
      },
    ])
  })

  test('what comes into place by a rename is a file event, by its new name', () => {
    const rule = `
title: Test
logsource: { product: linux, category: file_event }
detection: { selection: { TargetFilename: /etc/crontab }, condition: selection }`
    const file = { path: '/etc/crontab.new', name: 'crontab.new' }
    const moved = fileEvent({
      activity: 'rename',
      file,
      file_result: { path: '/etc/crontab', name: 'crontab' },
    })
    const away = fileEvent({
      activity: 'rename',
      file: { path: '/etc/crontab', name: 'crontab' },
      file_result: file,
    })
    const read = fileEvent({ activity: 'read', file: { path: '/etc/crontab', name: 'crontab' } })
    expect(
      engineOf(rule)
        .evaluate([moved, away, read])
        .map(({ time }) => time),
    ).toEqual([moved.time])
  })
})

describe('more of Sigma 2.1', () => {
  test('X4 windash takes every dash of options in every way, and none within a word', () => {
    const windash = (value: string, line: string) =>
      fires(`process.cmd_line|contains|windash: '${value}'`, line)
    for (const a of ['-', '/', '\u2013', '\u2014', '\u2015']) {
      for (const b of ['-', '/', '\u2013', '\u2014', '\u2015']) {
        expect(windash(' -s /i', `x ${a}s ${b}i`)).toBe(true)
      }
    }
    expect(windash(' -s', 'x +s')).toBe(false)
    expect(windash('a-b', 'a/b')).toBe(false)
    expect(windash(' \u2013s', 'x -s')).toBe(true)
    expect(windash(' -a -b -c -d', 'x /a -b /c /d')).toBe(true)
    expect(windash(' -a -b -c -d', 'x /a +b /c /d')).toBe(false)
  })

  test.each([
    ['hour: 11', true],
    ['hour: [9, 11]', true],
    ['hour: 12', false],
    ['hour|gte: 11', true],
    ['hour|lt: 11', false],
    ['hour|neq: 11', false],
    ['hour|neq: 12', true],
    ['minute: 5', true],
    ['day: 20', true],
    ['week: 47', true],
    ['month: 11', true],
    ['year: 2026', true],
    ['year|gt: 2026', false],
  ])('X11 time|%s', (asked, expected) => {
    const event = { ...processEvent(), time: Date.UTC(2026, 10, 20, 11, 5) }
    expect(detect(`time|${asked}`, event) !== undefined).toBe(expected)
    expect(detect(`process.cmd_line|${asked}`, event) !== undefined).toBe(asked.includes('neq'))
  })

  test('X7 X8 fieldref with neq: not the same, also where one is missing', () => {
    const pids = (pid: number, parent?: number) =>
      processEvent({
        process: {
          pid,
          ...(parent === undefined ? {} : { parent_process: { ...processEvent().process, pid: parent } }),
        },
      })
    const differs = 'process.pid|fieldref|neq: process.parent_process.pid'
    expect(detect(differs, pids(1, 1))).toBeUndefined()
    expect(detect(differs, pids(1, 2))).toBeDefined()
    expect(detect(differs, pids(1))).toBeDefined()
  })

  test('X5 encodings after one another', () => {
    const encoded = Buffer.from('xx powershell', 'utf16le').toString('base64')
    expect(fires('process.cmd_line|wide|base64offset|contains: shell', `-enc ${encoded}`)).toBe(true)
    expect(fires('process.cmd_line|utf16le|base64offset|contains: shell', `-enc ${encoded}`)).toBe(true)
    expect(fires('process.cmd_line|base64offset|contains: shell', `-enc ${encoded}`)).toBe(false)
    const marked = Buffer.from('\ufeffshell', 'utf16le').toString('base64')
    expect(fires('process.cmd_line|utf16|base64: shell', marked)).toBe(true)
  })

  test('L12 what is written is what is compared', () => {
    for (const text of ['0x10', '007', '1.50', '1e5', '12345678901234567890', '+5']) {
      expect(fires(`process.cmd_line: ${text}`, text)).toBe(true)
    }
    expect(fires('process.cmd_line: 0x10', '16')).toBe(false)
    expect(fires('process.cmd_line: 16', '16')).toBe(true)
  })

  test('C6 lists within a list', () => {
    const lists = '- - process.cmd_line: a\n  - process.cmd_line: b\n- zzz'
    expect(['a', 'b', 'xzzz', 'd'].map((line) => fires(lists, line))).toEqual([true, true, true, false])
  })

  test('X12 all with one value is that value; exists takes words', () => {
    expect(fires('process.cmd_line|contains|all: x', 'axb')).toBe(true)
    expect(fires("process.cmd_line|exists: 'yes'", 'x')).toBe(true)
    expect(fires('process.cmd_line|exists: no', 'x')).toBe(false)
  })

  test.each([
    ['regex', 'Sigma has "re"'],
    ['ne', 'Sigma has "neq"'],
    ['startwith', 'did you mean "startswith"'],
    ['hours', 'did you mean "hour"'],
  ])('the unknown modifier %s: %s', (modifier, hint) => {
    const { problems } = compileText(sigmaText(`s: { process.name|${modifier}: x }\ncondition: s`))
    expect(problems).toMatchObject([{ code: 'unknown-modifier', hint }])
  })
})
