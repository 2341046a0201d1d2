import { describe, expect, test } from 'vitest'
import { AuditAssembler } from './assembler.ts'
import { auditedExec } from './exec.ts'

const NOBODY = { pid: 0, startTicks: 0 }
const at = (serial: number) => `audit(1364481363.243:${serial}): `
const syscall = (serial: number, pid = 7) =>
  `${at(serial)}arch=c000003e syscall=59 success=yes exit=0 a0=1 items=2 ppid=5 pid=${pid} auid=1000 uid=1000 gid=100 ` +
  `euid=0 suid=0 fsuid=0 egid=100 sgid=100 fsgid=100 tty=pts3 ses=4 comm="su" exe="/usr/bin/su" key="vedette"`

/** Of the records of one call, in their order. */
function assemble(records: readonly (readonly [type: number, text: string])[]) {
  const assembler = new AuditAssembler()
  const calls = records.flatMap(([type, text]) => assembler.add(type, text) ?? [])
  return { calls, incomplete: assembler.incomplete }
}

describe('AuditAssembler', () => {
  test('puts the records of one number together, however they are mixed', () => {
    const { calls, incomplete } = assemble([
      [1300, syscall(1)],
      [1300, syscall(2, 8)],
      [1309, `${at(2)}argc=1 a0="two"`],
      [1309, `${at(1)}argc=2 a0="su" a1=2D2D20C3A4`],
      [1307, `${at(1)}cwd="/root"`],
      [1302, `${at(1)}item=0 name="/bin/su" inode=1`],
      [1320, at(2)],
      [1334, `${at(3)}prog-id=5 op=LOAD`],
      [1320, at(1)],
    ])
    expect(incomplete).toBe(0)
    expect(calls.map((call) => call.syscall.get('pid'))).toEqual(['8', '7'])
    const [, call] = calls
    expect(call).toMatchObject({ timeMs: 1_364_481_363_243, cwd: '/root', paths: ['/bin/su'] })
    if (call === undefined) throw new TypeError('There are two calls')
    expect(auditedExec(call, { pid: 7, startTicks: 9 }, NOBODY, undefined)).toEqual({
      type: 'exec',
      source: 'audit',
      timeMs: 1_364_481_363_243,
      process: { pid: 7, startTicks: 9 },
      parent: NOBODY,
      executable: '/usr/bin/su',
      argv: ['su', '-- ä'],
      argvTruncated: false,
      uid: 1000,
      euid: 0,
      gid: 100,
      taskName: 'su',
      loginUid: 1000,
      sessionId: 4,
      workingDirectory: '/root',
      tty: 'pts/3',
    })
  })

  test('puts a long argument together that the kernel cut, and says where some are missing', () => {
    const { calls } = assemble([
      [1300, syscall(1)],
      [1309, `${at(1)}argc=4 a0="x" a1_len=6 a1[0]="abc"`],
      [1309, `${at(1)} a1[1]="def"`],
      [1309, `${at(1)} a2=""`],
      [1320, at(1)],
    ])
    const [call] = calls
    if (call === undefined) throw new TypeError('There is a call')
    expect(auditedExec(call, NOBODY, NOBODY, undefined)).toMatchObject({
      argv: ['x', 'abcdef', ''],
      argvTruncated: true,
    })
  })

  test('counts calls that are not whole, and keeps a bounded number', () => {
    expect(
      assemble([
        [1307, `${at(1)}cwd="/"`],
        [1320, at(1)],
      ]),
    ).toEqual({ calls: [], incomplete: 1 })
    const many = Array.from({ length: 3000 }, (_, serial) => [1300, syscall(serial)] as const)
    expect(assemble(many).incomplete).toBe(3000 - 1024)
    expect(
      assemble([
        [1300, 'what?'],
        [1300, ''],
        [1320, at(1)],
      ]),
    ).toEqual({ calls: [], incomplete: 0 })
  })
})
