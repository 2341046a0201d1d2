import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger, systemClock } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { yaraConfigSchema } from '@vedette/detect/yara'
import { createMemoryFile } from '@vedette/linux'
import type { AgentId, Event, EventId, FindingRecord, ProcessUid } from '@vedette/model'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FileScans } from './file-scans.ts'

const MARK = 'a text that only this test holds'

let folder: string
let scans: FileScans
let found: FindingRecord[]
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'vedette-scans-')))
  writeFileSync(
    join(folder, 'mark.yar'),
    `rule mark { meta: id = "mark-1" title = "Marked" severity = "high" strings: $a = "${MARK}" condition: $a }`,
  )
  scans = open()
})
afterEach(async () => {
  await scans[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

function open(more: object = {}): FileScans {
  found = []
  return new FileScans({
    config: yaraConfigSchema.parse({
      built_in_rules: false,
      rules: [join(folder, 'mark.yar')],
      exclude: [join(folder, 'excluded')],
      ...more,
    }),
    found: (record) => found.push(record),
    clock: systemClock,
    log: silentLogger,
  })
}

let next = 0
function base() {
  next += 1
  return {
    id: `e-${next}` as EventId,
    time: Date.now(),
    device: { uid: 'a' as AgentId, hostname: 'h' },
    severity_id: 1,
    metadata: { version: '1.8.0', log_provider: 'ebpf', logged_time: 0 },
  } as const
}

const writer = { uid: 'b-1-1' as ProcessUid, pid: 1, name: 'tee', path: '/usr/bin/tee' }

function wrote(path: string, activity: 'create' | 'update' | 'delete' = 'create'): Event {
  return {
    ...base(),
    kind: 'file',
    class_uid: 1001,
    activity,
    file: { path, name: basename(path) },
    process: writer,
  }
}

function ran(pid: number, path: string, inode?: number): Event {
  const file = { path, name: basename(path), ...(inode !== undefined && { inode }) }
  const process = { uid: `b-${pid}-1` as ProcessUid, pid, name: file.name, path, file }
  return { ...base(), kind: 'process', class_uid: 1007, activity: 'launch', process }
}

/** A program that sleeps, with the mark behind its end. */
function program(name: string): string {
  const path = join(folder, name)
  copyFileSync('/bin/sleep', path)
  appendFileSync(path, MARK)
  chmodSync(path, 0o755)
  return path
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + 20_000
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`never: ${what}`)
    await delay(20)
  }
}

const answered = (count: number) => until(() => scans.report().counters.delivered >= count, `${count} scans`)

describe('files that were written', () => {
  test('are scanned a moment later, and the finding names rule, file, hash and writer', async () => {
    const path = join(folder, 'page.php')
    writeFileSync(path, `before ${MARK} after`)
    scans.observe([wrote(path)])
    await until(() => found.length > 0, 'a finding')
    expect(found).toMatchObject([
      {
        source: 'yara',
        severity_id: 4,
        cause: 'write',
        finding_info: { uid: 'mark-1', title: 'Marked', analytic: { name: 'mark' } },
        file: { path, name: 'page.php', inode: statSync(path).ino, hashes: [{ algorithm: 'SHA-256' }] },
        process: { name: 'tee', pid: 1 },
        matches: [{ name: '$a', offset: 7, length: MARK.length, data: MARK }],
        match_count: 1,
      },
    ])
  })

  test('that are written on are scanned again once they changed, and only then', async () => {
    const path = join(folder, 'page.php')
    writeFileSync(path, 'nothing yet')
    scans.observe([wrote(path), wrote(path, 'update'), wrote(path, 'update')])
    await answered(1)
    // It was opened long ago, and is written to only now: the second look finds it.
    appendFileSync(path, MARK)
    await until(() => found.length > 0, 'a finding at the second look')
    expect(scans.report().counters).toMatchObject({ emitted: 2, delivered: 2, lost: 0 })
  })

  test('are scanned under the name that a rename gives them', async () => {
    const path = join(folder, 'upload.tmp')
    writeFileSync(path, MARK)
    const target = join(folder, 'page.php')
    renameSync(path, target)
    scans.observe([
      wrote(path),
      {
        ...base(),
        kind: 'file',
        class_uid: 1001,
        activity: 'rename',
        file: { path, name: 'upload.tmp' },
        file_result: { path: target, name: 'page.php' },
      },
    ])
    await until(() => found.length > 0, 'a finding')
    expect(found.map(({ file, process }) => [file.path, process])).toEqual([[target, undefined]])
  })

  test('are not followed through a link, nor scanned where that is excluded, nor once they are gone', async () => {
    const path = join(folder, 'page.php')
    writeFileSync(path, MARK)
    symlinkSync(path, join(folder, 'link'))
    const gone = join(folder, 'gone')
    writeFileSync(gone, MARK)
    scans.observe([
      wrote(join(folder, 'link')),
      wrote(join(folder, 'excluded', 'x')),
      wrote(gone),
      wrote(gone, 'delete'),
      wrote(path),
    ])
    await until(() => found.length > 0, 'a finding')
    expect(found.map(({ file }) => file.path)).toEqual([path])
  })
})

const NAME = Buffer.from('page-\xff.php', 'latin1')

describe('files that hide', () => {
  test('by a name that is no UTF-8', async () => {
    const path = Buffer.concat([Buffer.from(`${folder}/`), NAME])
    writeFileSync(path, MARK)
    scans.observe([wrote(path.toString('utf8'))])
    await until(() => found.length > 0, 'a finding')
    expect(found.map(({ file }) => file.name)).toEqual(['page-\ufffd.php'])
  })

  test('in a folder that is moved as a whole', async () => {
    const from = join(folder, 'quiet')
    mkdirSync(join(from, 'deep'), { recursive: true })
    writeFileSync(join(from, 'deep', 'page.php'), MARK)
    const to = join(folder, 'www')
    renameSync(from, to)
    const moved = { path: from, name: 'quiet' }
    scans.observe([
      { ...wrote(from), activity: 'rename', file: moved, file_result: { path: to, name: 'www' } } as Event,
    ])
    await until(() => found.length > 0, 'a finding')
    expect(found.map(({ file }) => file.path)).toEqual([join(to, 'deep', 'page.php')])
  })

  test('behind thousands of others that were written before', async () => {
    const many = Array.from({ length: 4096 }, (_, n) => wrote(join(folder, `none-${n}`)))
    scans.observe(many)
    // These were looked at, and wait for their next look.
    await delay(1500)
    const path = join(folder, 'page.php')
    writeFileSync(path, MARK)
    scans.observe([wrote(path)])
    await until(() => found.length > 0, 'a finding')
    expect(found.map(({ file }) => file.path)).toEqual([path])
  })
})

describe('programs that were started', () => {
  test('are scanned again when they changed between two starts in quick succession', async () => {
    const path = program('prog')
    const { ino } = statSync(path)
    truncateSync(path, statSync(path).size - MARK.length)
    const first = spawn(path, ['0.01'], { stdio: 'ignore' })
    await once(first, 'spawn')
    scans.observe([ran(first.pid ?? 0, path, ino)])
    await once(first, 'exit')
    await answered(1)
    expect(found).toEqual([])
    appendFileSync(path, MARK)
    const second = spawn(path, ['0.01'], { stdio: 'ignore' })
    await once(second, 'spawn')
    scans.observe([ran(second.pid ?? 0, path, ino)])
    await until(() => found.length > 0, 'a finding')
  })

  test('are scanned once, however often they run', async () => {
    const path = program('prog')
    const { ino } = statSync(path)
    const child = spawn(path, ['20'], { stdio: 'ignore' })
    await once(child, 'spawn')
    scans.observe([ran(child.pid ?? 0, path, ino), ran(child.pid ?? 0, path, ino)])
    await until(() => found.length > 0, 'a finding')
    await delay(1100)
    scans.observe([ran(child.pid ?? 0, path, ino)])
    await delay(200)
    child.kill()
    expect(found).toMatchObject([{ cause: 'exec', file: { path, inode: ino }, process: { pid: child.pid } }])
    expect(scans.report().counters).toMatchObject({ emitted: 1, delivered: 1 })
  })

  test('are scanned although their file is gone', async () => {
    const path = program('prog')
    const { ino } = statSync(path)
    const child = spawn(path, ['20'], { stdio: 'ignore' })
    await once(child, 'spawn')
    unlinkSync(path)
    scans.observe([ran(child.pid ?? 0, path, ino)])
    await until(() => found.length > 0, 'a finding')
    child.kill()
    expect(found).toMatchObject([{ file: { path, is_deleted: true } }])
  })

  test('are scanned although only memory holds them', async () => {
    const path = program('prog')
    const descriptor = createMemoryFile('quiet')
    const own = `/proc/${process.pid}/fd/${descriptor}`
    spawnSync('cp', [path, own])
    const child = spawn(own, ['20'], { stdio: 'ignore' })
    await once(child, 'spawn')
    scans.observe([ran(child.pid ?? 0, 'memfd:quiet', statSync(own).ino)])
    await until(() => found.length > 0, 'a finding')
    child.kill()
    expect(found).toMatchObject([{ file: { path: 'memfd:quiet', name: 'quiet', is_deleted: true } }])
  })

  test('another file under the same name is not taken for the one that ran', async () => {
    const path = program('prog')
    const { ino } = statSync(path)
    scans.observe([ran(999_999_999, path, ino + 1)])
    await until(() => scans.report().counters.lost > 0, 'a loss')
    // A program has run that nobody looked at.
    expect(scans.report().counters).toMatchObject({ emitted: 1, lost: 1 })
    scans.observe([ran(999_999_998, path, ino)])
    await until(() => found.length > 0, 'a finding by its name')
  })
})

describe('scripts that were started', () => {
  /** Starts a program in the folder, and tells of it as the sensor does. */
  async function start(
    command: string,
    args: readonly string[],
    path: string,
    line: string,
  ): Promise<ReturnType<typeof spawn>> {
    const child = spawn(command, args, { cwd: folder, stdio: 'ignore' })
    // The kernel tells of it once its arguments are in place.
    await until(() => readFileSync(`/proc/${child.pid}/cmdline`).length > 0, 'arguments')
    const event = ran(child.pid ?? 0, path, statSync(path).ino)
    if (event.kind !== 'process') throw new TypeError('no process')
    const process = { ...event.process, cmd_line: line, working_directory: folder }
    scans.observe([{ ...event, process }])
    return child
  }
  const shell = realpathSync('/bin/sh')
  function script(name: string, first: string): string {
    const path = join(folder, name)
    writeFileSync(path, `${first}\n# ${MARK}\nsleep 20\n`)
    chmodSync(path, 0o755)
    return path
  }

  test('by themselves are scanned, as their interpreter is', async () => {
    const path = script('run me.sh', '#!/bin/sh -e')
    const child = await start(path, [], shell, `/bin/sh -e ${path}`)
    await until(() => found.length > 0, 'a finding')
    await answered(2)
    child.kill()
    expect(found).toMatchObject([
      { cause: 'exec', file: { path, inode: statSync(path).ino }, process: { pid: child.pid, path: shell } },
    ])
  })

  test('by hand, and by a name below the working folder, are scanned', async () => {
    const path = script('given.sh', '')
    const child = await start('sh', ['-e', './given.sh', 'more'], shell, 'sh -e ./given.sh more')
    await until(() => found.length > 0, 'a finding')
    child.kill()
    expect(found.map(({ file }) => file.path)).toEqual([path])
  })

  test('are scanned by their command line where the process is gone', async () => {
    const path = script('short.sh', '#!/bin/sh')
    const event = ran(999_999_999, shell, statSync(shell).ino)
    if (event.kind !== 'process') throw new TypeError('no process')
    scans.observe([{ ...event, process: { ...event.process, cmd_line: `/bin/sh ${path}` } }])
    await until(() => found.length > 0, 'a finding')
    expect(found.map(({ file }) => file.path)).toEqual([path])
  })

  test('what a program is given otherwise is no script that runs', async () => {
    const path = script('read.sh', '#!/bin/sh')
    const tail = realpathSync('/usr/bin/tail')
    const child = await start(tail, [path, '-f'], tail, `${tail} ${path} -f`)
    const other = await start('sh', ['-c', `sleep 20 # ${path}`, path], shell, `sh -c sleep ${path}`)
    await answered(2)
    await delay(300)
    child.kill()
    other.kill()
    expect(found).toEqual([])
    expect(scans.report().counters).toMatchObject({ emitted: 2, delivered: 2, lost: 0 })
  })
})

describe('beside a file system that never answers', () => {
  test('files are scanned, and what is not is told', () => {
    needsRoot()
    const program = fileURLToPath(new URL('./testing/scan-beside-a-hang.ts', import.meta.url))
    const args = ['--mount', '--propagation', 'private', process.execPath, program, folder, MARK]
    const done = spawnSync('unshare', args, { encoding: 'utf8', timeout: 60_000 })
    expect(done.stderr).toBe('')
    expect(JSON.parse(done.stdout)).toEqual({
      found: [join(folder, 'page.php')],
      codes: ['remote-files-not-scanned'],
      lost: 8,
      readBesideLinks: MARK,
      codesOfLinks: ['remote-files-not-scanned', 'files-hang'],
    })
  })
})

test('what it cannot do it says', async () => {
  await scans[Symbol.asyncDispose]()
  scans = open({ rules: [join(folder, 'mark.yar'), join(folder, 'gone.yar')] })
  const path = join(folder, 'a')
  writeFileSync(path, MARK)
  scans.observe([wrote(path)])
  await until(() => found.length > 0, 'a finding')
  expect(scans.blindSpots()).toMatchObject([{ code: 'yara-rules-refused' }])
  expect(scans.blindSpots()[0]?.message).toContain('gone.yar')
})
