import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { expect, test } from 'vitest'
import { type AuditMessage, AuditNetlink, readAuditStatus } from './audit-netlink.ts'

needsRoot()

const key = 'vedette-test'
const rules = [{ arch: 0xc000_003e, calls: [59], successful: true, key }]
if (process.arch === 'arm64') rules[0] = { arch: 0xc000_00b7, calls: [221], successful: true, key }
const open = (backlogLimit = 8192) => new AuditNetlink({ rules, key, bufferBytes: 1 << 20, backlogLimit })

/** Records of a program that is started, until the end of its call. */
async function startsOf(audit: AuditNetlink, word: string): Promise<AuditMessage[]> {
  spawnSync('/bin/true', [word])
  const seen: AuditMessage[] = []
  const whole = () => {
    const serial = /^audit\(\S+\)/.exec(seen.find(({ text }) => text.includes(`"${word}"`))?.text ?? '')?.[0]
    const own = seen.filter(({ text }) => serial !== undefined && text.startsWith(serial))
    return own.some(({ type }) => type === 1320) ? own : undefined
  }
  for (;;) {
    const own = whole()
    if (own !== undefined) return own
    expect(await audit.waitReadable(AbortSignal.timeout(10_000))).toBe(true)
    seen.push(...audit.take())
  }
}

test('tells of programs, and leaves the audit system as it was', async () => {
  const before = readAuditStatus()
  {
    using audit = open()
    expect(readAuditStatus()).toMatchObject({
      enabled: 1,
      pid: process.pid,
      backlogLimit: 8192,
      backlogWait: 0,
    })
    const records = await startsOf(audit, 'first')
    expect(records.map(({ type }) => type)).toEqual(expect.arrayContaining([1300, 1307, 1309, 1302, 1320]))
    expect(records.find(({ type }) => type === 1300)?.text).toContain(`key="${key}"`)
    expect(audit.state().lost).toBe(0)
    expect(() => open()).toThrow('EEXIST')
    // Who was refused has changed nothing.
    expect(readAuditStatus().pid).toBe(process.pid)
    expect(await startsOf(audit, 'second')).not.toEqual([])
  }
  expect({ ...readAuditStatus(), lost: 0, backlog: 0 }).toEqual({ ...before, lost: 0, backlog: 0 })
})

test('what one that was killed left behind is removed', async () => {
  const script = `
    import { AuditNetlink } from ${JSON.stringify(new URL('./audit-netlink.ts', import.meta.url).href)}
    const audit = new AuditNetlink({ ...${JSON.stringify({ rules, key })}, bufferBytes: 65536, backlogLimit: 8192 })
    console.log('open')
    setInterval(() => audit.state(), 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  {
    using audit = open()
    // The same rule twice is refused (EEXIST); and one rule tells of a program once.
    expect((await startsOf(audit, 'third')).filter(({ type }) => type === 1300)).toHaveLength(1)
  }
  expect(readAuditStatus()).toMatchObject({ enabled: 0, pid: 0 })
})

test('records that nobody reads are counted as lost, and nobody waits for the reader', () => {
  using audit = new AuditNetlink({ rules, key, bufferBytes: 4096, backlogLimit: 64 })
  spawnSync('/bin/sh', ['-c', 'i=0; while [ $i -lt 200 ]; do i=$((i+1)); /bin/true; done'])
  expect(audit.state().lost).toBeGreaterThan(0)
})
