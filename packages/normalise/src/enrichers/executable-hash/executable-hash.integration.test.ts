import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '@vedette/base'
import { readExecutable } from '@vedette/linux'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { executableHashConfigSchema } from './config.ts'
import { ExecutableHasher } from './executable-hash.ts'
import { startedStateKey } from './open-executable.ts'

let folder = ''
let children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-hash-'))
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children = []
  rmSync(folder, { recursive: true })
})

const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')

function create(config: Record<string, unknown> = {}) {
  const hasher = new ExecutableHasher(executableHashConfigSchema.parse(config), systemClock)
  return { hasher, [Symbol.dispose]: () => hasher.close() }
}

/** A copy of sleep(1), so that its file is ours to change. */
function sleeper(name: string): string {
  const path = join(folder, name)
  copyFileSync('/usr/bin/sleep', path)
  return path
}

async function start(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  await once(child, 'spawn')
  return child.pid ?? 0
}

const inodeOf = (path: string) => statSync(path).ino

async function hashOf(
  hasher: ExecutableHasher,
  pid: number,
  path: string,
  inode?: number,
): Promise<string | undefined> {
  const request = hasher.request({ pid, path, sameRoot: true, ...(inode !== undefined && { inode }) })
  await request.settled
  expect(request.isSettled).toBe(true)
  return request.value
}

describe('ExecutableHasher', () => {
  test('answers at once for a file whose state the kernel told, and only for that state', async () => {
    using made = create()
    const path = sleeper('a')
    const started = () => {
      const { dev, ino, nlink, size, ctimeNs } = statSync(path, { bigint: true })
      return startedStateKey({
        device: Number(dev),
        inode: Number(ino),
        links: Number(nlink),
        sizeBytes: Number(size),
        changed: `${ctimeNs / 1_000_000_000n}.${ctimeNs % 1_000_000_000n}`,
      })
    }
    const ask = (state = started()) =>
      made.hasher.request({
        pid: 4_194_305,
        path,
        inode: inodeOf(path),
        sameRoot: true,
        ...(state && { state }),
      })
    await ask().settled
    expect(ask()).toMatchObject({ isSettled: true, value: sha256(path) })
    expect(startedStateKey({ device: 1, inode: 2, links: 1, sizeBytes: 3 })).toBeUndefined()

    const before = started()
    appendFileSync(path, 'x')
    const changed = ask()
    expect(changed.isSettled).toBe(false)
    await changed.settled
    expect(changed.value).toBe(sha256(path))
    expect(started()).not.toBe(before)
  })

  test('hashes the file of a running program once', async () => {
    using made = create()
    const path = sleeper('a')
    const [first, second] = [await start(path, ['60']), await start(path, ['60'])]
    expect(await hashOf(made.hasher, first, path, inodeOf(path))).toBe(sha256(path))
    expect(await hashOf(made.hasher, second, path, inodeOf(path))).toBe(sha256(path))
    expect(made.hasher.counters()).toEqual({
      hashed: 1,
      hashed_bytes: statSync(path).size,
      cached: 1,
      skipped: 0,
    })
  })

  test('hashes a program that was deleted after its start', async () => {
    using made = create()
    const path = sleeper('deleted')
    const [inode, expected] = [inodeOf(path), sha256(path)]
    const pid = await start(path, ['60'])
    rmSync(path)
    expect(await hashOf(made.hasher, pid, path, inode)).toBe(expected)
    // Nothing on disk has this name any more: the link of the process is the only way.
    expect(await hashOf(made.hasher, pid, path)).toBe(expected)
  })

  test('hashes a program that only memory holds', async () => {
    using made = create()
    // memfd_create (319 on x86-64, 279 on arm64), the bytes of sleep into it, and exec through its descriptor.
    const number = process.arch === 'arm64' ? 279 : 319
    const script = `
      my $name = "hidden"; my $fd = syscall(${number}, $name, 0); open(my $out, ">&=", $fd) or die; binmode $out;
      open(my $in, "<", "/usr/bin/sleep") or die; binmode $in; local $/; print $out scalar <$in>; $out->flush;
      exec {"/proc/self/fd/$fd"} "sleep", "60";`
    const pid = await start('/usr/bin/perl', ['-MIO::Handle', '-e', script])
    await expect.poll(() => readExecutable(pid)?.executable).toBe('memfd:hidden')
    expect(await hashOf(made.hasher, pid, 'memfd:hidden')).toBe(sha256('/usr/bin/sleep'))
  })

  test('a program that has ended is hashed by its name, if the file is still the same', async () => {
    using made = create()
    const path = sleeper('ended')
    const inode = inodeOf(path)
    const pid = 4_194_305
    expect(await hashOf(made.hasher, pid, path, inode)).toBe(sha256(path))
    // Without the inode nothing says that it is the file that ran; in a container the name means another file.
    expect(await hashOf(made.hasher, pid, path)).toBeUndefined()
    expect(await hashOf(made.hasher, pid, path, inode + 1)).toBeUndefined()
    const request = made.hasher.request({ pid, path, inode, sameRoot: false })
    await request.settled
    expect(request.value).toBeUndefined()
  })

  test('a process that runs another program by now is not taken for the first', async () => {
    using made = create()
    const path = sleeper('now')
    const pid = await start(path, ['60'])
    expect(await hashOf(made.hasher, pid, '/usr/bin/another')).toBeUndefined()
    expect(await hashOf(made.hasher, pid, '/usr/bin/another', 1)).toBeUndefined()
  })

  test('a changed file is hashed again', async () => {
    using made = create()
    const path = sleeper('changed')
    const before = await hashOf(made.hasher, 4_194_305, path, inodeOf(path))
    appendFileSync(path, 'x')
    const after = await hashOf(made.hasher, 4_194_305, path, inodeOf(path))
    expect(after).toBe(sha256(path))
    expect(after).not.toBe(before)
    expect(made.hasher.counters().hashed).toBe(2)
  })

  test('a file over the size limit is left without', async () => {
    using made = create({ max_file_bytes: 1000 })
    const path = join(folder, 'large')
    writeFileSync(path, Buffer.alloc(1001))
    expect(await hashOf(made.hasher, 4_194_305, path, inodeOf(path))).toBeUndefined()
    writeFileSync(path, Buffer.alloc(1000))
    expect(await hashOf(made.hasher, 4_194_305, path, inodeOf(path))).toBe(sha256(path))
  })

  test('reads no more bytes a second than it may', async () => {
    let now = 0
    const clock = { now: () => 0, monotonic: () => now }
    const config = executableHashConfigSchema.parse({ bytes_per_second: 262_144 })
    const hasher = new ExecutableHasher(config, clock)
    const path = join(folder, 'slow')
    writeFileSync(path, Buffer.alloc(1_000_000, 1))
    const request = hasher.request({ pid: 4_194_305, path, inode: inodeOf(path), sameRoot: true })
    for (let i = 0; i < 100; i += 1) await nextTurn()
    // A clock that stands still gives the bytes of the first second and no more.
    expect(request.isSettled).toBe(false)
    // Four more chunks, for the last of which it finds the end of the file.
    let seconds = 0
    for (; !request.isSettled; seconds += 1) {
      now += 1000
      await delay(50)
    }
    expect(seconds).toBeGreaterThanOrEqual(4)
    expect(request.value).toBe(sha256(path))
    hasher.close()
  })
})
