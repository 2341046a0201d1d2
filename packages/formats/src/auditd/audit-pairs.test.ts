import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAuditPairs } from './audit-pairs.ts'

describe('F6 pairs of an audit record', () => {
  test('a SYSCALL record, enriched', () => {
    const pairs = parseAuditPairs(
      'type=SYSCALL msg=audit(1700000000.123:456): arch=c000003e syscall=59 success=yes exit=0 a0=5581 a1=5582 pid=811 comm="cat" exe="/usr/bin/cat" key="exec"\u001dARCH=x86_64 SYSCALL=execve UID="root"',
    )
    expect(pairs.get('type')).toBe('SYSCALL')
    expect(pairs.get('exe')).toBe('/usr/bin/cat')
    expect(pairs.get('SYSCALL')).toBe('execve')
    expect(pairs.get('a0')).toBe('5581')
  })

  test('arguments of an EXECVE record that the kernel wrote in hexadecimal', () => {
    const pairs = parseAuditPairs(
      'type=EXECVE msg=audit(1.2:3): argc=3 a0="sh" a1="-c" a2=69643B206C73202D6C61',
    )
    expect(pairs.get('a2')).toBe('id; ls -la')
    expect(pairs.get('argc')).toBe('3')
  })

  test('pairs within the message of a user record; the first of a name wins', () => {
    const pairs = parseAuditPairs(
      `type=USER_CMD msg=audit(1.2:3): pid=7 uid=1001 msg='cwd="/root" cmd=6C73202F terminal=pts/0 res=success' uid=0`,
    )
    expect(pairs.get('cmd')).toBe('ls /')
    expect(pairs.get('terminal')).toBe('pts/0')
    expect(pairs.get('uid')).toBe('1001')
  })

  test('never throws, whatever the line', () => {
    fc.assert(fc.property(fc.string({ maxLength: 500 }), (line) => void parseAuditPairs(line)))
  })
})
