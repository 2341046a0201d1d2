import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger, systemClock } from '@vedette/base'
import { yaraConfigSchema } from '@vedette/detect/yara'
import type { AgentId, Event, EventId, FindingRecord } from '@vedette/model'
import { FileScans } from '../file-scans.ts'

/**
 * Run in a mount namespace of its own: mounts a FUSE file system that nobody answers for, lets files there and others be
 * scanned, and tells what came of it as JSON.
 */

const [, , folder = '', mark = ''] = process.argv
const hang = join(folder, 'hang')
mkdirSync(hang)
const device = openSync('/dev/fuse', 'r+')
const mounted = spawnSync(
  'mount',
  ['-i', '-t', 'fuse', '-o', 'fd=3,rootmode=40000,user_id=0,group_id=0', 'hang', hang],
  { stdio: ['ignore', 'inherit', 'inherit', device] },
)
if (mounted.status !== 0) throw new Error('the file system could not be mounted')

const found: FindingRecord[] = []
const scans = new FileScans({
  config: yaraConfigSchema.parse({ built_in_rules: false, rules: [join(folder, 'mark.yar')] }),
  found: (record) => found.push(record),
  clock: systemClock,
  log: silentLogger,
})
let next = 0
function wrote(path: string): Event {
  next += 1
  return {
    id: `e-${next}` as EventId,
    time: Date.now(),
    device: { uid: 'a' as AgentId, hostname: 'h' },
    severity_id: 1,
    metadata: { version: '1.8.0', log_provider: 'ebpf', logged_time: 0 },
    kind: 'file',
    class_uid: 1001,
    activity: 'create',
    file: { path, name: 'x' },
  }
}
const codes = () => scans.blindSpots().map(({ code }) => code)
async function until(holds: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 20_000
  while (!holds() && performance.now() < deadlineMs) await delay(20)
}

const page = join(folder, 'page.php')
writeFileSync(page, mark)
scans.observe(Array.from({ length: 8 }, (_, n) => wrote(join(hang, `${n}`))))
scans.observe([wrote(page)])
await until(() => found.length > 0)
const first = {
  found: found.map(({ file }) => file.path),
  codes: codes(),
  lost: scans.report().counters.lost,
}

// By a name that does not say where it leads.
symlinkSync(hang, join(folder, 'link'))
scans.observe(Array.from({ length: 8 }, (_, n) => wrote(join(folder, 'link', `${n}`))))
await until(() => codes().includes('files-hang'))
const readBesideLinks = await Promise.race([readFile(page, 'utf8'), delay(5000, 'nothing')])
const second = { readBesideLinks, codesOfLinks: codes() }

process.stdout.write(JSON.stringify({ ...first, ...second }))
// Nobody is left to answer, which ends everything that waits for it.
closeSync(device)
await scans[Symbol.asyncDispose]()
