import { spawnSync } from 'node:child_process'
import { appendFileSync, closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger, systemClock } from '@vedette/base'
import { FileCollector } from '../collector.ts'
import { fileSchema } from '../config.ts'

/**
 * Run in a mount namespace of its own: mounts a FUSE file system that nobody answers for, follows logs there and beside it,
 * and tells what came of it as JSON.
 */

const [, , folder = ''] = process.argv
const hang = join(folder, 'hang')
const log = join(folder, 'beside.log')
mkdirSync(hang)
writeFileSync(log, '')
const device = openSync('/dev/fuse', 'r+')
const mounted = spawnSync(
  'mount',
  ['-i', '-t', 'fuse', '-o', 'fd=3,rootmode=40000,user_id=0,group_id=0', 'hang', hang],
  { stdio: ['ignore', 'inherit', 'inherit', device] },
)
if (mounted.status !== 0) throw new Error('the file system could not be mounted')

const names = Array.from({ length: 8 }, (_, n) => join(hang, `${n}.log`))
const collector = new FileCollector(
  // What hangs comes first: what stands behind it must be read all the same.
  fileSchema.parse({
    paths: [...names, join(hang, '*.txt'), log],
    poll_interval_ms: 100,
    start: 'beginning',
  }),
  { clock: systemClock, log: silentLogger },
)
const stop = new AbortController()
const lines: string[] = []
const reading = (async () => {
  for await (const batch of collector.records(stop.signal)) lines.push(...batch.map(({ text }) => text))
})()
async function until(holds: () => boolean): Promise<boolean> {
  const deadlineMs = performance.now() + 20_000
  while (!holds() && performance.now() < deadlineMs) await delay(20)
  return holds()
}

const spots = () => collector.blindSpots().filter(({ code }) => code === 'file-unreadable').length
const isTold = await until(() => spots() === names.length + 1)
appendFileSync(log, 'while it hangs\n')
const isReadBeside = await until(() => lines.includes('while it hangs'))
// Threads that ask for all of this process are left.
const others = await Promise.race([
  Promise.all([1, 2, 3].map(() => readFile(log, 'utf8'))).then((texts) => texts.length),
  delay(5000, 0),
])
// Nobody is left to answer, which ends everything that waits for it.
closeSync(device)
const isOver = await until(() => spots() === 0)
appendFileSync(log, 'after it\n')
const isReadAfter = await until(() => lines.includes('after it'))
stop.abort()
await reading
await collector[Symbol.asyncDispose]()
process.stdout.write(JSON.stringify({ isTold, isReadBeside, others, isOver, isReadAfter, lines }))
