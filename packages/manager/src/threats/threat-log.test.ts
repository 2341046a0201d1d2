import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Threat } from './threat.ts'
import { readThreatLog, ThreatLog } from './threat-log.ts'
import type { ThreatScanSummary } from './threat-scan.ts'

let folder = ''
let key = ''
let path = ''
beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'vedette-threats-'))
  folder = join(root, 'log')
  key = join(root, 'keys', 'log.key')
  path = join(folder, 'security-events.log')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true }))

const summary = (startedAt: number): ThreatScanSummary => ({
  startedAt,
  seconds: 1,
  rules: 2,
  processes: 3,
  sockets: 4,
  logLines: 5,
  files: 6,
  filesComplete: true,
  threats: 1,
  unseen: [],
})
const threat = (title: string): Threat => ({
  id: '0123456789abcdef',
  area: 'process',
  severity: 'high',
  title,
  explanation: 'why',
  rule: 'r',
  techniques: ['T1059'],
  entity: 'program:/tmp/x',
  time: 7,
  evidence: [],
})

function write(...titles: string[]): void {
  using log = new ThreatLog(folder, key)
  for (const [at, title] of titles.entries()) log.append(summary(at), [threat(title)])
}

describe('log of security events', () => {
  test('gives back what was written, over several openings', () => {
    write('first', 'second')
    write('third')
    const titles = readThreatLog(folder, key).flatMap((entry) =>
      entry.type === 'threat' ? [entry.title] : [],
    )
    expect(titles).toEqual(['first', 'second', 'third'])
    expect(readThreatLog(folder, key)[0]).toEqual({
      type: 'scan',
      time: 0,
      seconds: 1,
      rules: 2,
      processes: 3,
      sockets: 4,
      logLines: 5,
      files: 6,
      filesComplete: true,
      threats: 1,
      unseen: [],
    })
  })

  test('shows nobody else anything: no word of it is in the file, and the rights are narrow', () => {
    write('a password of somebody')
    expect(readFileSync(path, 'latin1')).not.toMatch(/password|program|T1059/)
    const { mode } = statSync(path)
    expect(mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(key).mode & 0o777).toBe(0o600)
  })

  test.each([
    [
      'changed',
      (lines: string[]) => lines.with(2, `${lines[2]?.startsWith('A') ? 'B' : 'A'}${lines[2]?.slice(1)}`),
    ],
    ['taken out', (lines: string[]) => lines.toSpliced(2, 1)],
    ['swapped', (lines: string[]) => [lines[0], lines[2], lines[1], ...lines.slice(3)]],
    ['repeated', (lines: string[]) => lines.toSpliced(2, 0, lines[1] as string)],
  ])('a line that was %s is noticed, by who reads and by who would go on writing', (_, change) => {
    write('first', 'second', 'third')
    const text = readFileSync(path, 'latin1')
    writeFileSync(path, change(text.split('\n')).join('\n'))
    expect(() => readThreatLog(folder, key)).toThrow(/was changed: line [23] is not what was written/)
    expect(() => new ThreatLog(folder, key)).toThrow(/was changed/)
  })

  test('half a line that a crash left is given up, and the log goes on', () => {
    write('first')
    appendFileSync(path, 'AAAA')
    expect(readThreatLog(folder, key)).toHaveLength(2)
    write('second')
    expect(readThreatLog(folder, key)).toHaveLength(4)
  })

  test('a wrong key is told, and nothing is overwritten', () => {
    write('first')
    const before = readFileSync(path)
    const other = join(folder, '..', 'other.key')
    writeFileSync(other, `${'ab'.repeat(32)}\n`)
    expect(() => readThreatLog(folder, other)).toThrow(/can be read by others/)
    chmodSync(other, 0o600)
    expect(() => readThreatLog(folder, other)).toThrow(/written with another key/)
    expect(() => new ThreatLog(folder, other)).toThrow(/written with another key/)
    writeFileSync(other, 'secret')
    expect(() => readThreatLog(folder, other)).toThrow(/holds no key: expected 64 hex digits/)
    expect(() => readThreatLog(folder, join(folder, 'none'))).toThrow(/cannot be read/)
    expect(readFileSync(path)).toEqual(before)
  })

  test('one writer at a time, in a folder that nobody else may write into', () => {
    using _ = new ThreatLog(folder, key)
    expect(() => new ThreatLog(folder, key)).toThrow(/Somebody else writes/)
    const open = join(folder, 'open')
    using other = new ThreatLog(open, key)
    other[Symbol.dispose]()
    chmodSync(open, 0o777)
    expect(() => new ThreatLog(open, key)).toThrow(/Others may write into .*chmod 700/)
  })
})
