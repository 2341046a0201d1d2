import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseCapabilities } from '../capabilities.ts'
import { openProcess } from '../pidfd.ts'
import { readProcessStat } from '../proc/stat.ts'
import { LAUNCH_FAILED, launchCommand, type LaunchSpec } from './spec.ts'

needsRoot()

const NOBODY = { uid: 65_534, gid: 65_534 }
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-launch-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function run(spec: LaunchSpec, command: [string, ...string[]]) {
  const { file, args } = launchCommand(spec, command)
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = (await exited) as [number | null]
  return { code, output, errors }
}

describe('the launcher, as root', () => {
  test('hands over its pid, its arguments and its environment', async () => {
    const { file, args } = launchCommand({}, ['/bin/sh', '-c', 'echo $$ "$1" $WHAT', 'sh', 'a b'])
    const child = spawn(file, args, { env: { WHAT: 'kept' } })
    expect(await text(child.stdout)).toBe(`${child.pid} a b kept\n`)
  })

  test('becomes the user, with no groups left over', async () => {
    const { output } = await run({ user: NOBODY, umask: 0o027 }, ['/bin/sh', '-c', 'id; umask'])
    expect(output).toBe('uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)\n0027\n')
  })

  test('keeps root within the capabilities that were named', async () => {
    const { output } = await run({ capabilities: ['CAP_KILL', 'CAP_SYS_PTRACE'], noNewPrivileges: true }, [
      '/bin/cat',
      '/proc/self/status',
    ])
    for (const set of ['CapEff', 'CapPrm', 'CapBnd'] as const) {
      expect([...parseCapabilities(output, set)]).toEqual(['CAP_KILL', 'CAP_SYS_PTRACE'])
    }
    expect(output).toContain('CapInh:\t0000000000000000')
    expect(output).toContain('CapAmb:\t0000000000000000')
    expect(output).toContain('NoNewPrivs:\t1')
    // Node ignores SIGPIPE; the program must not inherit that.
    expect(output).toContain('SigIgn:\t0000000000000000')
  })

  test('root without rights over files cannot read what belongs to others', async () => {
    const secret = join(folder, 'secret')
    writeFileSync(secret, 'x', { mode: 0o600 })
    chownSync(secret, NOBODY.uid, NOBODY.gid)
    chmodSync(folder, 0o711)
    expect((await run({ capabilities: [] }, ['/bin/cat', secret])).code).toBe(1)
    expect((await run({}, ['/bin/cat', secret])).output).toBe('x')
  })

  test('is ended when its parent ends', async () => {
    const { file, args } = launchCommand({ parentDeathSignal: 'SIGKILL', user: NOBODY }, ['/bin/sleep', '60'])
    const spec = JSON.stringify({ parentDeathSignal: 'SIGKILL', user: NOBODY })
    const script = `
      const child = require('node:child_process').spawn(${JSON.stringify(file)},
        [${JSON.stringify(args[0])}, ${JSON.stringify(spec)}, '--', '/bin/sleep', '60'], { stdio: 'ignore' })
      const { readFileSync } = require('node:fs')
      const wait = setInterval(() => {
        if (!readFileSync('/proc/' + child.pid + '/cmdline', 'utf8').startsWith('/bin/sleep')) return
        clearInterval(wait)
        process.stdout.write(String(child.pid))
      }, 20)`
    const parent = spawn(file, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [chunk] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = Number(chunk.toString())
    using sleeper = openProcess(pid, readProcessStat(pid)?.startTicks ?? -1)
    expect(sleeper?.hasExited()).toBe(false)
    parent.kill('SIGKILL')
    expect(await sleeper?.waitForExit(AbortSignal.timeout(10_000))).toBe(true)
  })

  test('does not start when its parent has ended before', async () => {
    const { code, errors } = await run({ parentDeathSignal: 'SIGKILL', parentPid: 1 }, ['/bin/true'])
    expect(code).toBe(LAUNCH_FAILED)
    expect(errors).toBe('Cannot launch the program: the parent, process 1, has ended\n')
  })

  test('says what is wrong with what it was given', async () => {
    const unknown = await run({ usr: NOBODY } as unknown as LaunchSpec, ['/bin/true'])
    expect([unknown.code, unknown.errors]).toEqual([
      125,
      'Cannot launch the program: "usr" is not a known field\n',
    ])
    const missing = await run({}, [join(folder, 'missing')])
    expect(missing.code).toBe(LAUNCH_FAILED)
    expect(missing.errors).toContain(`ENOENT: no such file or directory, access '${folder}/missing'`)
  })
})

describe('reachable paths', () => {
  /** A private folder that holds a program folder, a data folder of the user's own, a lone program, and a secret. */
  function build() {
    const home = join(folder, 'home')
    const paths = {
      program: join(home, 'program'),
      data: join(home, 'program/data/server'),
      tool: join(home, 'bin/tool'),
      secret: join(home, 'secret'),
    }
    mkdirSync(paths.data, { recursive: true })
    mkdirSync(join(home, 'bin'))
    writeFileSync(join(paths.program, 'file'), 'program text')
    writeFileSync(join(paths.program, 'data/beside'), 'not for you')
    writeFileSync(join(paths.data, 'mine'), 'data text')
    writeFileSync(paths.secret, 'secret')
    copyFileSync('/bin/cat', paths.tool)
    chmodSync(join(paths.program, 'data'), 0o700)
    chmodSync(paths.data, 0o700)
    chownSync(paths.data, NOBODY.uid, NOBODY.gid)
    chmodSync(home, 0o700)
    return { ...paths, home }
  }

  const modes = (paths: readonly string[]) => paths.map((path) => statSync(path).mode & 0o7777)

  test('an ordinary user cannot reach them without', async () => {
    const { program } = build()
    const { code } = await run({ user: NOBODY }, ['/bin/cat', join(program, 'file')])
    expect(code).toBe(1)
  })

  test('are there at their own places, and nothing beside them, with nothing changed on disk', async () => {
    const { home, program, data, tool, secret } = build()
    const all = [folder, home, program, join(program, 'data'), data]
    const before = modes(all)
    const spec: LaunchSpec = { user: NOBODY, capabilities: [], reachable: [data, tool, program] }
    const read = await run(spec, [tool, join(program, 'file'), join(data, 'mine')])
    expect(read).toEqual({ code: 0, output: 'program textdata text', errors: '' })
    expect((await run(spec, ['/bin/cat', secret])).errors).toContain('No such file or directory')
    expect((await run(spec, ['/bin/cat', join(program, 'data/beside')])).errors).toContain('No such file')
    expect((await run(spec, ['/bin/ls', home])).errors).toContain('Permission denied')
    // Written inside, seen outside: it is the same file system.
    expect((await run(spec, ['/usr/bin/touch', join(data, 'new')])).code).toBe(0)
    expect(statSync(join(data, 'new')).uid).toBe(NOBODY.uid)
    expect(modes(all)).toEqual(before)
    expect(readdirSync(home).sort()).toEqual(['bin', 'program', 'secret'])
  })

  test('nothing is covered where nothing needs to be', async () => {
    const { output } = await run({ user: NOBODY, reachable: ['/usr', '/bin/cat'] }, [
      '/usr/bin/readlink',
      '/proc/self/ns/mnt',
    ])
    expect(output).toBe((await run({}, ['/usr/bin/readlink', '/proc/self/ns/mnt'])).output)
  })

  test('a folder that itself keeps the user out opens, with what lies in it as it is', async () => {
    const { home, program, secret } = build()
    chmodSync(secret, 0o600)
    symlinkSync('nowhere', join(home, 'dangling'))
    const spec: LaunchSpec = { user: NOBODY, reachable: [home] }
    expect((await run(spec, ['/bin/cat', join(program, 'file')])).output).toBe('program text')
    expect((await run(spec, ['/bin/ls', home])).output).toBe('bin\ndangling\nprogram\nsecret\n')
    expect((await run(spec, ['/bin/cat', secret])).errors).toContain('Permission denied')
    expect((await run(spec, ['/usr/bin/touch', join(home, 'new')])).errors).toContain('Read-only file system')
    expect(modes([home, secret])).toEqual([0o700, 0o600])
  })

  test('without the right to mount it says so and starts nothing', async () => {
    const { program } = build()
    const inner = launchCommand({ user: NOBODY, reachable: [program] }, ['/bin/echo', 'started'])
    const spec = JSON.stringify({ user: NOBODY, reachable: [program] })
    const { code, output, errors } = await run(
      { capabilities: ['CAP_SETUID', 'CAP_SETGID', 'CAP_DAC_OVERRIDE'] },
      [inner.file, inner.args[0] ?? '', spec, '--', '/bin/echo', 'started'],
    )
    expect({ code, output }).toEqual({ code: LAUNCH_FAILED, output: '' })
    expect(errors).toContain(`Cannot make ${program} reachable for user 65534 (that asks for CAP_SYS_ADMIN)`)
    expect(errors).toContain('unshare answered EPERM')
  })
})
