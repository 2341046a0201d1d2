import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { collectSchema } from '@vedette/collect'
import { lockFile } from '@vedette/linux'
import { type AgentId, type Event, eventSchema, type FileEvent } from '@vedette/model'
import { normaliseConfigSchema } from '@vedette/normalise'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createWatch } from '../watch.ts'
import { type AcceptRequest, requestAccept } from './accept-requests.ts'
import { Baseline } from './baseline.ts'
import { integrityConfigSchema } from './config.ts'

needsRoot()

let folder = ''
/** What is watched, and where the baseline is kept. */
let files = ''
let kept = ''
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'vedette-integrity-')))
  files = join(folder, 'files')
  kept = join(folder, 'kept')
  mkdirSync(files)
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (...names: readonly string[]) => join(files, ...names)
const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex')

/** Does it in a process of its own, whose pid is the answer. */
function run(program: string, ...args: readonly string[]): number {
  const { status, pid, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return pid
}

async function start(
  config: Record<string, unknown> = {},
  audit?: (request: AcceptRequest) => Promise<void>,
) {
  const watch = await createWatch({
    agent: 'agent-1' as AgentId,
    hostname: 'h',
    run: '0123456789abcdef',
    collect: collectSchema.parse({
      kernel: 'ebpf',
      ebpf: { watch_paths: [], watch_reads: [], ignore_self: false },
    }),
    normalise: normaliseConfigSchema.parse({}),
    integrity: {
      config: integrityConfigSchema.parse({ paths: [files], settle_ms: 50, ...config }),
      folder: kept,
      ...(audit !== undefined && { audit }),
    },
    clock: systemClock,
    log: silentLogger,
  })
  const stop = new AbortController()
  const seen: FileEvent[] = []
  const running = (async () => {
    for await (const batch of watch.events(stop.signal)) {
      for (const event of batch) if (isDifference(event)) seen.push(event)
    }
  })()
  // From then on a difference is told.
  await expect.poll(() => existsSync(join(kept, 'baseline')), { timeout: 20_000, interval: 10 }).toBe(true)
  return {
    watch,
    seen,
    async find(path: string, matches: (event: FileEvent) => boolean = () => true): Promise<FileEvent> {
      let found: FileEvent | undefined
      const look = () => (found = seen.find((event) => event.file.path === path && matches(event)))
      await expect.poll(look, { timeout: 20_000, interval: 10 }).toBeDefined()
      if (found === undefined) throw new Error('not found')
      eventSchema.parse(found)
      return found
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
      await watch[Symbol.asyncDispose]()
    },
  }
}

function isDifference(event: Event): event is FileEvent {
  return event.kind === 'file' && event.activity === 'differ'
}

test('a change is told with what was, what is, and who did it', async () => {
  writeFileSync(at('settings'), 'one\n', { mode: 0o644 })
  await using running = await start()
  const pid = run('/usr/bin/sed', '-i', 's/one/two/', at('settings'))
  const event = await running.find(at('settings'))
  expect(event).toMatchObject({
    process: { pid, path: '/usr/bin/sed', parent_process: { pid: process.pid } },
    file: { inode: statSync(at('settings')).ino, hashes: [{ value: sha256('two\n') }] },
    integrity: {
      change: 'changed',
      seen: 'watched',
      before: { type: 'file', sha256: sha256('one\n'), mode: '0644', owner: 'root', uid: 0 },
      after: { sha256: sha256('two\n'), mode: '0644' },
      by_package_manager: false,
    },
  })
  expect(event.integrity?.changed).toEqual(expect.arrayContaining(['sha256']))
  expect(event.integrity?.changed).not.toContain('mode')
  expect(event.message).toContain(`sed changed ${at('settings')}: content`)
})

test('rights, owners, attributes, capabilities and the targets of links are told', async () => {
  copyFileSync('/usr/bin/sleep', at('program'))
  symlinkSync('/usr/bin/true', at('link'))
  await using running = await start()
  run('/usr/bin/chmod', '4755', at('program'))
  expect(await running.find(at('program'))).toMatchObject({
    integrity: {
      changed: ['mode'],
      before: { mode: '0755', elf: { type: 'shared' } },
      after: { mode: '4755' },
    },
  })
  run('/usr/bin/chown', '1:2', at('program'))
  expect(
    await running.find(at('program'), (one) => one.integrity?.changed.includes('uid') === true),
  ).toMatchObject({
    // The kernel takes setuid away with the owner.
    integrity: { after: { uid: 1, gid: 2, owner: 'daemon', group: 'bin', mode: '0755' } },
  })
  const capability =
    'import os, sys; os.setxattr(sys.argv[1], "security.capability", bytes([1,0,0,2,0,32,0,0]+[0]*12))'
  run('/usr/bin/python3', '-c', capability, at('program'))
  expect(
    await running.find(at('program'), (one) => one.integrity?.changed.includes('capabilities') === true),
  ).toMatchObject({ integrity: { after: { capabilities: 'cap_net_raw=ep' } }, process: { name: /^python3/ } })
  run('/usr/bin/ln', '-sfn', '/tmp/evil', at('link'))
  expect(await running.find(at('link'))).toMatchObject({
    integrity: {
      changed: ['link_target', 'modified_time'],
      before: { link_target: '/usr/bin/true' },
      after: { link_target: '/tmp/evil' },
    },
  })
})

test('files that are made, removed, moved, and whole folders', async () => {
  mkdirSync(at('old', 'deep'), { recursive: true })
  writeFileSync(at('old', 'deep', 'a'), 'a')
  writeFileSync(join(folder, 'outside'), 'o')
  await using running = await start()
  run('/usr/bin/cp', '/etc/hostname', at('made'))
  expect(await running.find(at('made'))).toMatchObject({
    process: { name: 'cp' },
    integrity: { change: 'created', changed: [], after: { sha256: sha256(readFileSync('/etc/hostname')) } },
  })
  run('/usr/bin/mv', join(folder, 'outside'), at('inside'))
  expect(await running.find(at('inside'))).toMatchObject({
    process: { name: 'mv' },
    integrity: { change: 'created' },
  })
  run('/usr/bin/mv', at('old'), at('new'))
  expect(await running.find(at('old', 'deep', 'a'))).toMatchObject({
    process: { name: 'mv' },
    integrity: { change: 'removed', before: { sha256: sha256('a') } },
  })
  expect(await running.find(at('new', 'deep', 'a'))).toMatchObject({
    process: { name: 'mv' },
    integrity: { change: 'created', after: { sha256: sha256('a') } },
  })
  run('/usr/bin/rm', at('made'))
  expect(await running.find(at('made'), (one) => one.integrity?.change === 'removed')).toMatchObject({
    process: { name: 'rm' },
  })
})

test('what is written anew and says the same is not told', async () => {
  writeFileSync(at('same'), 'same')
  writeFileSync(at('mark'), '1')
  await using running = await start()
  run('/usr/bin/cp', at('same'), join(folder, 'copy'))
  run('/usr/bin/cp', join(folder, 'copy'), at('same'))
  run('/usr/bin/touch', '-d', '2001-01-01', at('same'))
  appendFileSync(at('mark'), '2')
  await running.find(at('mark'))
  expect(running.seen.map(({ file }) => file.path)).toEqual([at('mark')])
})

test('after a restart: what changed while nobody watched, and nobody knows who did it', async () => {
  writeFileSync(at('a'), '1')
  writeFileSync(at('b'), '1')
  {
    await using running = await start()
    appendFileSync(at('a'), '2')
    await running.find(at('a'))
  }
  appendFileSync(at('b'), '2')
  chmodSync(at('b'), 0o600)
  rmSync(at('a'))
  mkdirSync(at('c'))
  writeFileSync(at('c', 'd'), 'new')
  await using running = await start()
  const event = await running.find(at('b'))
  expect(event).toMatchObject({
    integrity: {
      change: 'changed',
      seen: 'rescan',
      before: { sha256: sha256('1'), mode: '0644' },
      after: { sha256: sha256('12'), mode: '0600' },
    },
  })
  expect(event).not.toHaveProperty('process')
  // As it was when it was last seen, not as at first.
  expect(await running.find(at('a'))).toMatchObject({
    integrity: { change: 'removed', seen: 'rescan', before: { sha256: sha256('12') } },
  })
  expect(await running.find(at('c', 'd'))).toMatchObject({ integrity: { change: 'created', seen: 'rescan' } })
})

test('a change that somebody accepts differs no more, and is recorded first', async () => {
  writeFileSync(at('a'), '1')
  writeFileSync(at('b'), '1')
  const recorded: AcceptRequest[] = []
  {
    await using running = await start({}, async (request) => void recorded.push(request))
    appendFileSync(at('a'), '2')
    appendFileSync(at('b'), '2')
    await running.find(at('a'))
    await running.find(at('b'))
    expect(await requestAccept(kept, { paths: [at('a')], actor: 'root' }, 10_000)).toBe(1)
  }
  expect(recorded).toEqual([{ paths: [at('a')], actor: 'root' }])
  const loaded = await Baseline.load(join(kept, 'baseline'))
  if (loaded.outcome !== 'loaded') throw new Error(loaded.outcome)
  expect(loaded.baseline.differing().map(([path]) => path)).toEqual([at('b')])
  expect(loaded.baseline.get(at('b'))).toMatchObject({
    accepted: { sha256: sha256('1') },
    now: { sha256: sha256('12') },
  })
})

test('a baseline that somebody removed is missed', async () => {
  {
    await using running = await start()
    expect(running.watch.blindSpots().map(({ code }) => code)).not.toContain('integrity-baseline-damaged')
  }
  rmSync(join(kept, 'baseline'))
  await using running = await start()
  expect(running.watch.blindSpots().map(({ code }) => code)).toContain('integrity-baseline-damaged')
})

test('a baseline that somebody wrote to is not believed', async () => {
  writeFileSync(at('a'), '1')
  {
    await using _ = await start()
  }
  const file = join(kept, 'baseline')
  writeFileSync(file, readFileSync(file, 'utf8').replace(sha256('1'), sha256('2')))
  await using running = await start()
  expect(running.watch.blindSpots().map(({ code }) => code)).toContain('integrity-baseline-damaged')
})

test('what the package manager of this host does is known as its doing', async () => {
  // A package of our own, built and unpacked by the real dpkg, on this machine's real database.
  const name = `vedette-test-${process.pid}`
  const tree = join(folder, 'tree')
  const program = at('bin', 'shipped')
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true })
  mkdirSync(join(tree, files, 'bin'), { recursive: true })
  writeFileSync(join(tree, program), '#!/bin/sh\necho shipped\n', { mode: 0o755 })
  writeFileSync(
    join(tree, 'DEBIAN', 'control'),
    `Package: ${name}\nVersion: 1.2\nArchitecture: all\nMaintainer: nobody <nobody@example.test>\nDescription: for a test\n`,
  )
  const md5 = createHash('md5')
    .update(readFileSync(join(tree, program)))
    .digest('hex')
  writeFileSync(join(tree, 'DEBIAN', 'md5sums'), `${md5}  ${program.slice(1)}\n`)
  const archive = join(folder, 'test.deb')
  run('/usr/bin/dpkg-deb', '--build', '--root-owner-group', tree, archive)
  await using running = await start()
  try {
    run('/usr/bin/dpkg', '--install', archive)
    const owner = { name, version: '1.2', manager: 'dpkg' }
    const installed = await running.find(program)
    expect(installed).toMatchObject({
      process: { name: 'dpkg' },
      integrity: { change: 'created', by_package_manager: true, package: { ...owner, verified: true } },
    })
    // Somebody else is not the package manager, whatever the file is of, or the program is called.
    copyFileSync('/usr/bin/tee', join(folder, 'dpkg'))
    const pid = spawnSync(join(folder, 'dpkg'), [program], { input: '#!/bin/sh\necho evil\n' }).pid
    expect(await running.find(program, (one) => one.integrity?.change === 'changed')).toMatchObject({
      process: { pid, name: 'dpkg' },
      integrity: { by_package_manager: false, package: { ...owner, verified: false } },
    })
  } finally {
    spawnSync('/usr/bin/dpkg', ['--purge', name])
  }
  expect(await running.find(program, (one) => one.integrity?.change === 'removed')).toMatchObject({
    integrity: { by_package_manager: true },
  })
})

test('pipes and devices are not opened, and a file that is replaced again and again is told as one that was there', async () => {
  run('/usr/bin/mkfifo', at('pipe'))
  writeFileSync(at('busy'), 'start')
  await using running = await start()
  for (let round = 0; round < 200; round += 1) {
    writeFileSync(join(folder, 'next'), `round ${round}`)
    renameSync(join(folder, 'next'), at('busy'))
  }
  const last = sha256('round 199')
  const event = await running.find(at('busy'), (one) => one.integrity?.after?.sha256 === last)
  expect(event.integrity?.before?.type).toBe('file')
  chmodSync(at('pipe'), 0o600)
  expect(await running.find(at('pipe'))).toMatchObject({
    integrity: { after: { type: 'pipe' }, changed: ['mode'] },
  })
})

test('a baseline that somebody else keeps is left alone, and the watch goes on without', async () => {
  mkdirSync(kept)
  writeFileSync(join(kept, 'baseline'), '')
  using _ = lockFile(join(kept, 'lock'))
  await using running = await start()
  expect(running.watch.blindSpots().map(({ code }) => code)).toContain('integrity-failed')
  expect(running.watch.parts().find(({ name }) => name === 'integrity')?.state).toBe('failed')
})
