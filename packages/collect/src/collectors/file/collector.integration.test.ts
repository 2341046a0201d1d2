import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { silentLogger, systemClock } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { launchCommand } from '@vedette/linux'
import type { LineRecord } from '@vedette/model'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FileCollector } from './collector.ts'
import { fileSchema } from './config.ts'

let folder: string
let log: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-file-'))
  mkdirSync(join(folder, 'state'))
  mkdirSync(join(folder, 'log'))
  log = join(folder, 'log/auth.log')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A collector that runs, and what it has given so far. */
class Run implements AsyncDisposable {
  readonly records: LineRecord[] = []
  readonly collector
  readonly #stop = new AbortController()
  readonly #reading
  batches = 0

  constructor(config: object = {}, commit = true) {
    this.collector = new FileCollector(fileSchema.parse({ paths: [log], poll_interval_ms: 100, ...config }), {
      log: silentLogger,
      clock: systemClock,
      stateFolder: join(folder, 'state'),
    })
    this.#reading = this.#read(commit)
  }

  async #read(commit: boolean): Promise<void> {
    for await (const batch of this.collector.records(this.#stop.signal)) {
      this.records.push(...batch)
      this.batches += 1
      if (commit) await this.collector.commit(this.batches)
    }
  }

  get lines(): string[] {
    return this.records.map(({ text }) => text)
  }

  /** Waits for so many lines, and a little longer, so that one too many is seen. */
  async reaches(count: number): Promise<string[]> {
    for (let tries = 0; tries < 500 && this.records.length < count; tries += 1) await delay(10)
    await delay(60)
    return this.lines
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#reading
    await this.collector[Symbol.asyncDispose]()
  }
}

/** Until the first look is over: what is written from then on is new. */
async function started(run: Run): Promise<Run> {
  for (let tries = 0; tries < 500; tries += 1) {
    try {
      statSync(join(folder, 'state/positions.json'))
      break
    } catch {
      await delay(5)
    }
  }
  return run
}

describe('what was packed while nobody read', () => {
  const day = (number: number) =>
    Array.from({ length: 50 }, (_, i) => `day ${number} line ${i} ${'x'.repeat(20)}`)
  const text = (lines: readonly string[]) => lines.map((one) => `${one}\n`).join('')
  const pack = (from: string, to: string): void => {
    const { mtime } = statSync(from)
    writeFileSync(to, gzipSync(readFileSync(from)))
    // As gzip(1) does.
    utimesSync(to, mtime, mtime)
    rmSync(from)
  }

  test('the rest of the log, and whole ones after it, come in order; what was read before does not', async () => {
    writeFileSync(`${log}.1`, text(day(0)))
    writeFileSync(log, '')
    // What stands there before the first look, even beside a log that is empty, is nothing that was missed.
    await delay(100)
    {
      await using run = await started(new Run())
      appendFileSync(log, text(day(1).slice(0, 30)))
      expect(await run.reaches(30)).toEqual(day(1).slice(0, 30))
    }
    await delay(60)
    pack(`${log}.1`, `${log}.4.gz`)
    appendFileSync(log, text(day(1).slice(30)))
    pack(log, `${log}.3.gz`)
    await delay(5)
    writeFileSync(log, text(day(2)))
    pack(log, `${log}.2.gz`)
    writeFileSync(log, text(day(3)))
    {
      await using run = new Run()
      expect(await run.reaches(120)).toEqual([...day(1).slice(30), ...day(2), ...day(3)])
    }
    await using again = new Run()
    appendFileSync(log, 'later\n')
    expect(await again.reaches(1)).toEqual(['later'])
  })

  test('one that is damaged does no harm', async () => {
    writeFileSync(log, '')
    {
      await using run = await started(new Run())
      appendFileSync(log, text(day(1)))
      await run.reaches(50)
    }
    rmSync(log)
    writeFileSync(`${log}.2.gz`, gzipSync(text(day(1))).subarray(0, 40))
    writeFileSync(log, text(day(2)))
    await using run = new Run()
    expect(await run.reaches(50)).toEqual(day(2))
  })
})

describe('lines', () => {
  test('what is written from now on, one record a line, with its file', async () => {
    writeFileSync(log, 'old\n')
    await using run = await started(new Run())
    appendFileSync(log, 'one\ntwo\n')
    expect(await run.reaches(2)).toEqual(['one', 'two'])
    expect(run.records[0]).toMatchObject({ source: 'line', path: log, truncated: false })
    expect(run.collector.counters()).toEqual({ emitted: 2, delivered: 2, lost: 0 })
  })

  test('a line is given when it is whole, its first half may be there before the start', async () => {
    writeFileSync(log, 'old\nhal')
    await using run = await started(new Run())
    appendFileSync(log, 'f\nunfin')
    expect(await run.reaches(1)).toEqual(['half'])
    appendFileSync(log, 'ished\n')
    expect(await run.reaches(2)).toEqual(['half', 'unfinished'])
  })

  test('1 MB, NUL, control characters and faulty UTF-8', async () => {
    writeFileSync(log, '')
    await using run = await started(new Run())
    appendFileSync(log, `${'x'.repeat(1 << 20)}\n`)
    appendFileSync(log, Buffer.from([0x61, 0, 0x1b, 0xff, 0x0a]))
    await run.reaches(2)
    expect(run.records.map(({ text, truncated }) => [text.length, truncated])).toEqual([
      [65_536, true],
      [4, false],
    ])
    expect(run.lines[1]).toBe('a\0\u001b\ufffd')
    expect(run.collector.truncatedLines).toBe(1)
  })

  test('many lines at once come in batches, in order', async () => {
    writeFileSync(log, '')
    await using run = await started(new Run())
    const lines = Array.from({ length: 50_000 }, (_, i) => `line ${i}`)
    appendFileSync(log, `${lines.join('\n')}\n`)
    expect(await run.reaches(50_000)).toEqual(lines)
    expect(run.batches).toBeGreaterThan(10)
  })
})

describe('files', () => {
  test('one that appears later is read from its beginning', async () => {
    await using run = await started(new Run())
    expect(run.collector.blindSpots()).toMatchObject([{ code: 'no-logs' }])
    writeFileSync(log, 'first\n')
    expect(await run.reaches(1)).toEqual(['first'])
    expect(run.collector.blindSpots()).toEqual([])
  })

  test('a folder that appears later, and a pattern of names', async () => {
    await using run = await started(new Run({ paths: [join(folder, 'later/*.log')] }))
    mkdirSync(join(folder, 'later'))
    writeFileSync(join(folder, 'later/a.log'), 'a\n')
    writeFileSync(join(folder, 'later/b.log'), 'b\n')
    writeFileSync(join(folder, 'later/c.txt'), 'c\n')
    expect((await run.reaches(2)).sort()).toEqual(['a', 'b'])
  })

  test('from the beginning, where that is asked for', async () => {
    writeFileSync(log, 'old\n')
    await using run = new Run({ start: 'beginning' })
    expect(await run.reaches(1)).toEqual(['old'])
  })

  test('what is no file, and what may not be read, is told and does not stop the rest', async () => {
    mkdirSync(join(folder, 'log/folder.log'))
    symlinkSync('/dev/zero', join(folder, 'log/device.log'))
    writeFileSync(log, '')
    await using run = await started(new Run({ paths: [join(folder, 'log/*.log')] }))
    appendFileSync(log, 'seen\n')
    expect(await run.reaches(1)).toEqual(['seen'])
    const told = run.collector.blindSpots().map(({ code, message }) => `${code} ${message}`)
    expect(told.sort()).toEqual([
      `file-unreadable Lines of ${folder}/log/device.log are not seen: it is not a regular file`,
      `file-unreadable Lines of ${folder}/log/folder.log are not seen: it is not a regular file`,
    ])
  })
})

describe('rotation loses and repeats nothing', () => {
  test('renamed and made anew, with the writer late to notice', async () => {
    writeFileSync(log, '')
    await using run = await started(new Run())
    appendFileSync(log, '1\n')
    renameSync(log, `${log}.1`)
    appendFileSync(`${log}.1`, '2\n')
    writeFileSync(log, '3\n')
    appendFileSync(`${log}.1`, '4\n')
    appendFileSync(log, '5\n')
    expect((await run.reaches(5)).sort()).toEqual(['1', '2', '3', '4', '5'])
    expect(new Set(run.records.map(({ path }) => path))).toEqual(new Set([log]))
  })

  test('twice in a row', async () => {
    writeFileSync(log, '')
    await using run = await started(new Run())
    appendFileSync(log, '1\n')
    await run.reaches(1)
    renameSync(log, `${log}.1`)
    writeFileSync(log, '2\n')
    await run.reaches(2)
    renameSync(`${log}.1`, `${log}.2`)
    renameSync(log, `${log}.1`)
    writeFileSync(log, '3\n')
    expect(await run.reaches(3)).toEqual(['1', '2', '3'])
  })

  test('a last line without an end is given when the file is let go of', async () => {
    writeFileSync(log, '')
    await using run = await started(new Run({ linger_ms: 50 }))
    appendFileSync(log, 'no end')
    await run.reaches(0)
    renameSync(log, `${log}.1`)
    writeFileSync(log, 'new\n')
    expect((await run.reaches(2)).sort()).toEqual(['new', 'no end'])
  })

  test('removed', async () => {
    writeFileSync(log, '')
    await using run = await started(new Run())
    appendFileSync(log, '1\n')
    unlinkSync(log)
    await run.reaches(1)
    writeFileSync(log, '2\n')
    expect(await run.reaches(2)).toEqual(['1', '2'])
  })

  test('copied and emptied, with lines not read yet', async () => {
    writeFileSync(log, '')
    await using run = await started(new Run())
    appendFileSync(log, '1\n')
    await run.reaches(1)
    // In one go, so that the collector cannot look in between.
    appendFileSync(log, '2\n3 hal')
    copyFileSync(log, `${log}.1`)
    truncateSync(log)
    appendFileSync(log, '4\n')
    expect((await run.reaches(4)).sort()).toEqual(['1', '2', '3 hal', '4'].sort())
  })

  test('emptied, and longer than before when it is looked at', async () => {
    writeFileSync(log, '')
    await using run = await started(new Run())
    appendFileSync(log, 'short\n')
    await run.reaches(1)
    writeFileSync(log, 'a much longer line than before\n')
    expect(await run.reaches(2)).toEqual(['short', 'a much longer line than before'])
  })

  test('with copies under names that are followed as well', async () => {
    writeFileSync(log, '')
    await using run = await started(new Run({ paths: [`${log}*`] }))
    appendFileSync(log, '1\n')
    await run.reaches(1)
    appendFileSync(log, '2\n')
    copyFileSync(log, `${log}.1`)
    truncateSync(log)
    appendFileSync(log, '3\n')
    expect((await run.reaches(3)).sort()).toEqual(['1', '2', '3'])
    renameSync(log, `${log}.2`)
    writeFileSync(log, '4\n')
    expect((await run.reaches(4)).sort()).toEqual(['1', '2', '3', '4'])
  })
})

describe('a restart loses and repeats nothing', () => {
  async function firstRun(act: () => void, count: number): Promise<void> {
    await using run = await started(new Run())
    act()
    await run.reaches(count)
  }

  test('goes on where it was, also in the middle of a line', async () => {
    writeFileSync(log, '')
    await firstRun(() => appendFileSync(log, '1\nhal'), 1)
    appendFileSync(log, 'f\n2\n')
    await using run = new Run()
    expect(await run.reaches(2)).toEqual(['half', '2'])
  })

  test('rotated meanwhile: the rest of the old one, then the new one', async () => {
    writeFileSync(log, '')
    await firstRun(() => appendFileSync(log, '1\n'), 1)
    appendFileSync(log, '2\n')
    renameSync(log, `${log}.1`)
    writeFileSync(log, '3\n')
    await using run = new Run()
    expect(await run.reaches(2)).toEqual(['2', '3'])
  })

  test('copied and emptied meanwhile', async () => {
    writeFileSync(log, '')
    await firstRun(() => appendFileSync(log, '1\n'), 1)
    appendFileSync(log, '2\n')
    copyFileSync(log, `${log}.1`)
    truncateSync(log)
    appendFileSync(log, '3\n')
    await using run = new Run()
    expect((await run.reaches(2)).sort()).toEqual(['2', '3'])
  })

  test('another file with the same inode is read from its beginning', async () => {
    writeFileSync(log, '')
    await firstRun(() => appendFileSync(log, 'first file\n'), 1)
    // The same inode, other contents, longer than the position.
    writeFileSync(log, 'second file, longer\n')
    await using run = new Run()
    expect(await run.reaches(1)).toEqual(['second file, longer'])
  })

  test('a file that appeared meanwhile is read from its beginning', async () => {
    await firstRun(() => undefined, 0)
    writeFileSync(log, 'appeared\n')
    await using run = new Run()
    expect(await run.reaches(1)).toEqual(['appeared'])
  })

  test('what was not committed comes again', async () => {
    writeFileSync(log, '')
    {
      await using run = await started(new Run({}, false))
      appendFileSync(log, '1\n')
      await run.reaches(1)
      await run.collector.commit(run.batches)
      appendFileSync(log, '2\n')
      await run.reaches(2)
    }
    await using run = new Run()
    expect(await run.reaches(1)).toEqual(['2'])
  })

  test('positions that cannot be read: every line again, and none missing', async () => {
    writeFileSync(log, '')
    await firstRun(() => appendFileSync(log, '1\n'), 1)
    writeFileSync(join(folder, 'state/positions.json'), '{"version":1')
    await using run = new Run()
    expect(await run.reaches(1)).toEqual(['1'])
  })

  test('the file of positions is nobody else’s to read', async () => {
    writeFileSync(log, '')
    await firstRun(() => appendFileSync(log, '1\n'), 1)
    const path = join(folder, 'state/positions.json')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
      version: 1,
      files: [{ path: log, offset: 2 }],
    })
  })
})

test('any order of writing, rotating, copying, emptying and restarting', { timeout: 120_000 }, async () => {
  const step = fc.constantFrom('write', 'write', 'half', 'rename', 'copy', 'restart', 'wait')
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      const root = mkdtempSync(join(folder, 'case-'))
      log = join(root, 'auth.log')
      rmSync(join(folder, 'state'), { recursive: true })
      mkdirSync(join(folder, 'state'))
      writeFileSync(log, '')
      const written: string[] = []
      const read: string[] = []
      // A half line before a rotation waits for its end until the file is let go of: it is not counted.
      const wholeOnes = (lines: readonly string[]) =>
        lines.filter((line) => !/^(half\d+ )+$/.test(line)).sort()
      const missing = () => wholeOnes(written).length - wholeOnes(read).length
      let half = ''
      let rotations = 0
      let halves = 0
      let run = await started(new Run())
      const restart = async () => {
        await run[Symbol.asyncDispose]()
        read.push(...run.lines)
        run = new Run()
      }
      const write = (text: string) => appendFileSync(log, text)
      for (const one of steps) {
        const line = `line ${written.length} of ${root}`
        if (one === 'write') {
          write(`${line}\n`)
          written.push(half + line)
          half = ''
        } else if (one === 'half') {
          // No two are the same: lines of logs begin with the time.
          halves += 1
          write(`half${halves} `)
          half += `half${halves} `
        } else if (one === 'wait') await run.reaches(missing())
        else if (one === 'restart') await restart()
        else {
          // A rotation ends a line that was not whole.
          if (half !== '') written.push(half)
          half = ''
          rotations += 1
          if (one === 'rename') {
            renameSync(log, `${log}.${rotations}`)
            writeFileSync(log, '')
          } else {
            copyFileSync(log, `${log}.${rotations}`)
            truncateSync(log)
          }
        }
      }
      if (half !== '') {
        write('end\n')
        written.push(`${half}end`)
      }
      await run.reaches(missing())
      await run[Symbol.asyncDispose]()
      read.push(...run.lines)
      expect(wholeOnes(read)).toEqual(wholeOnes(written))
    }),
    { numRuns: 15 },
  )
})

test('a log that may not be read is told', async () => {
  needsRoot()
  writeFileSync(log, 'x\n')
  chmodSync(log, 0)
  // Root may read everything: the rights are given up in a process of its own.
  const script = `
    import { FileCollector } from ${JSON.stringify(join(import.meta.dirname, 'collector.ts'))}
    import { fileSchema } from ${JSON.stringify(join(import.meta.dirname, 'config.ts'))}
    import { silentLogger, systemClock } from '@vedette/base'
    const collector = new FileCollector(fileSchema.parse({ paths: [${JSON.stringify(log)}] }), { log: silentLogger, clock: systemClock })
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 200)
    for await (const batch of collector.records(stop.signal)) console.log(batch)
    console.log(JSON.stringify(collector.blindSpots()))
    process.exit()`
  const { file, args } = launchCommand({ capabilities: [] }, [
    process.execPath,
    '--input-type=module',
    '-e',
    script,
  ])
  const owner = join(folder, 'log')
  chownSync(log, 65_534, 65_534)
  chmodSync(owner, 0o755)
  chmodSync(folder, 0o755)
  const run = spawnSync(file, args, { cwd: import.meta.dirname })
  expect(run.stderr.toString()).toBe('')
  expect(JSON.parse(run.stdout.toString())).toEqual([
    { code: 'file-unreadable', message: `Lines of ${log} are not seen: it may not be read` },
  ])
})

test('a file system that does not answer is passed over and told, and the logs beside it are read', () => {
  needsRoot()
  const program = fileURLToPath(new URL('./testing/logs-beside-a-hang.ts', import.meta.url))
  const { stdout, stderr } = spawnSync('unshare', ['--mount', process.execPath, program, folder], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual({
    isTold: true,
    isReadBeside: true,
    others: 3,
    isOver: true,
    isReadAfter: true,
    lines: ['while it hangs', 'after it'],
  })
})
