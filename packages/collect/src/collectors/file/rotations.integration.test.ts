import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'

/**
 * A log that is rotated over and over, in every way that logrotate knows, while the collector is killed again and again.
 * `npm run test:rotations` does it a thousand times.
 */

const ROTATIONS = Number(process.env['VEDETTE_TEST_ROTATIONS'] ?? 60)
const SEED = Number(process.env['VEDETTE_TEST_SEED'] ?? 20_261_120)
const KEPT = 4

let folder: string
let log: string
let out: string
let child: ChildProcess | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-rotations-'))
  mkdirSync(join(folder, 'state'))
  mkdirSync(join(folder, 'log'))
  log = join(folder, 'log/app.log')
  out = join(folder, 'out')
  writeFileSync(log, '')
  writeFileSync(out, '')
})
afterEach(async () => {
  await kill()
  rmSync(folder, { recursive: true })
})

/** Keeps the number of each line, then commits, then says so. */
const READER = `
const [collector, config, out, folder, log] = process.argv.slice(1)
const { FileCollector } = await import(collector)
const { fileSchema } = await import(config)
const { systemClock } = await import('@vedette/base')
const { openSync, writeSync } = await import('node:fs')
const file = openSync(out, 'a')
const quiet = { warn() {}, error() {}, info() {}, debug() {} }
const reader = new FileCollector(
  fileSchema.parse({ paths: [log], poll_interval_ms: 20, linger_ms: 2000 }),
  { log: quiet, clock: systemClock, stateFolder: folder },
)
writeSync(file, 'start\\n')
let batches = 0
for await (const batch of reader.records(new AbortController().signal)) {
  writeSync(file, batch.map(({ text }) => text.split(' ', 1)[0] + '\\n').join(''))
  await reader.commit((batches += 1))
  writeSync(file, 'committed\\n')
}
`
const here = (name: string) => pathToFileURL(join(import.meta.dirname, name)).href

function start(): void {
  const scripts = [here('collector.ts'), here('config.ts'), out, join(folder, 'state'), log]
  child = spawn(process.execPath, ['--input-type=module', '--eval', READER, ...scripts], {
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd: import.meta.dirname,
  })
}

async function kill(): Promise<void> {
  const process = child
  child = undefined
  if (process === undefined || process.exitCode !== null || process.signalCode !== null) return
  process.kill('SIGKILL')
  await once(process, 'exit')
}

/** Until the reader has kept this line. */
async function reaches(number: number): Promise<void> {
  const wanted = `\n${number}\n`
  for (let tries = 0; tries < 3000; tries += 1) {
    if (`\n${readFileSync(out, 'latin1').slice(-65_536)}`.includes(wanted)) return
    await delay(5)
  }
  throw new Error(`line ${number} did not come`)
}

async function started(count: number): Promise<void> {
  for (let tries = 0; tries < 2000; tries += 1) {
    const there = readFileSync(out, 'latin1').split('start\n').length - 1
    if (there >= count && existsSync(join(folder, 'state/positions.json'))) return
    await delay(5)
  }
  throw new Error('the reader did not start')
}

/** Numbers that look random and are the same every time (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Makes room for `app.log.1`: what stands there is packed as `app.log.2.gz`, and the oldest goes. */
function shift(): void {
  const name = (number: number) => `${log}.${number}.gz`
  if (existsSync(name(KEPT))) unlinkSync(name(KEPT))
  for (let i = KEPT - 1; i >= 2; i -= 1) if (existsSync(name(i))) renameSync(name(i), name(i + 1))
  if (!existsSync(`${log}.1`)) return
  writeFileSync(name(2), gzipSync(readFileSync(`${log}.1`)))
  unlinkSync(`${log}.1`)
}

test(
  `${ROTATIONS} rotations and kills: no line is lost, and none comes twice that was committed`,
  { timeout: 60_000 + ROTATIONS * 1000 },
  async () => {
    const random = randomOf(SEED)
    let starts = 1
    let kills = 0
    start()
    await started(1)
    let number = 0
    const dated: string[] = []
    const write = (): void => {
      for (let pieces = 1 + random(3); pieces > 0; pieces -= 1) {
        let text = ''
        for (let lines = 1 + random(random(10) === 0 ? 2000 : 40); lines > 0; lines -= 1) {
          number += 1
          text += `${number} ${'x'.repeat(random(200))}\n`
        }
        // A line may be written in two parts.
        const at = random(text.length)
        appendFileSync(log, text.slice(0, at))
        appendFileSync(log, text.slice(at))
      }
    }
    for (let rotation = 0; rotation < ROTATIONS; rotation += 1) {
      write()
      if (random(3) === 0) await delay(random(30))
      if (random(8) === 0) {
        await kill()
        kills += 1
        write()
        if (random(2) === 0) {
          start()
          starts += 1
          // What is packed or removed while nobody reads can be read by nobody afterwards.
          await started(starts)
        }
      }
      switch (random(4)) {
        case 0: // rename and create, the one before is packed
          if (child !== undefined) await reaches(number)
          else await again()
          shift()
          renameSync(log, `${log}.1`)
          writeFileSync(log, '')
          break
        case 1: // copy and empty
          if (child === undefined) await again()
          else if (existsSync(`${log}.1`)) await reaches(number)
          shift()
          copyFileSync(log, `${log}.1`)
          truncateSync(log)
          break
        case 2: // dated names, of which the oldest go
          dated.push(`${log}-2026${String(rotation).padStart(4, '0')}`)
          renameSync(log, dated.at(-1) ?? '')
          writeFileSync(log, '')
          if (child === undefined) await again()
          if (dated.length > KEPT) {
            await reaches(number)
            unlinkSync(dated.shift() ?? '')
          }
          break
        default: // removed at once: only who has it open can read it
          if (child === undefined) await again()
          else await reaches(number)
          unlinkSync(log)
          writeFileSync(log, '')
      }
    }
    write()
    if (child === undefined) await again()
    await reaches(number)

    async function again(): Promise<void> {
      start()
      starts += 1
      await started(starts)
      await reaches(number)
    }

    const { missing, twice } = judge(readFileSync(out, 'latin1'), number)
    expect(missing).toEqual([])
    expect(twice).toEqual([])
    expect(kills).toBeGreaterThan(0)
  },
)

/** Lines that never came, and lines that came again although they had been committed. */
function judge(text: string, count: number): { readonly missing: number[]; readonly twice: number[] } {
  const committed = new Set<number>()
  const all = new Set<number>()
  const twice: number[] = []
  let open: number[] = []
  for (const line of text.split('\n')) {
    if (line === 'committed') {
      for (const one of open) committed.add(one)
      open = []
    } else if (line === 'start') open = []
    else if (line !== '') {
      const one = Number(line)
      if (committed.has(one) || open.includes(one)) twice.push(one)
      open.push(one)
      all.add(one)
    }
  }
  const missing = Array.from({ length: count }, (_, i) => i + 1).filter((one) => !all.has(one))
  return { missing, twice }
}
