import { execFileSync, spawn } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type House, startHouse, vedette } from '../house.ts'
import { needsRoot } from '@vedette/base/testing/needs-root'

/** Files scanned by YARA rules: by hand, and by a running house as they are written and run. */
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'vedette-scan-')))
const mark = `marked by the test ${process.pid}`
const rules = join(folder, 'rules')
const watched = join(folder, 'www')

beforeAll(() => {
  for (const path of [rules, watched, join(folder, 'tree/deep')]) mkdirSync(path, { recursive: true })
  writeFileSync(
    join(rules, 'mark.yar'),
    `rule mark : T1505 { meta: id = "test-mark" title = "Marked file" description = "It holds the mark." severity = "high" techniques = "T1505.003" author = "The test" strings: $a = "${mark}" condition: $a }`,
  )
  chmodSync(folder, 0o755)
})
afterAll(() => rmSync(folder, { recursive: true }))

interface FoundAlert {
  readonly id: string
  readonly title: string
  readonly severity: string
  readonly techniques: readonly { readonly id: string }[]
  readonly process: { readonly name: string; readonly cmd_line: string } | null
  readonly matches: readonly { readonly field: string; readonly value: string }[]
}

describe('a running house', () => {
  let house: House
  beforeAll(async () => {
    const config = join(folder, 'house.yml')
    writeFileSync(config, `yara:\n  rules: [${rules}]\n  watch_paths: [${watched}]\n`)
    house = await startHouse({ args: ['--config', config], readyWithinMs: 100_000 })
  })
  afterAll(() => house[Symbol.asyncDispose]())

  async function alertAbout(path: string): Promise<FoundAlert> {
    const deadlineMs = performance.now() + 30_000
    while (performance.now() < deadlineMs) {
      const listed = await house.vedette('alerts', 'list', '--json')
      const alert = (JSON.parse(listed.stdout) as FoundAlert[]).find(({ title }) => title.includes(path))
      if (alert)
        return JSON.parse((await house.vedette('alerts', 'show', alert.id, '--json')).stdout) as FoundAlert
      await delay(200)
    }
    throw new Error(`no alert about ${path}`)
  }

  test('tells who wrote a file that a rule describes', async () => {
    needsRoot()
    const path = join(watched, 'upload.php')
    execFileSync('/usr/bin/tee', [path], { input: `<?php // ${mark}`, stdio: ['pipe', 'ignore', 'inherit'] })
    const alert = await alertAbout(path)
    expect(alert).toMatchObject({
      title: expect.stringContaining(`Marked file: ${path}, written by tee on `),
      severity: 'high',
      techniques: [{ id: 'T1505.003' }],
      process: { name: 'tee', cmd_line: `/usr/bin/tee ${path}` },
    })
    expect(alert.matches).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ field: 'file.path', value: path }),
        expect.objectContaining({ field: 'matches.0.data', value: mark }),
      ]),
    )
    const events = await house.vedette('events', '--kind', 'finding', '--search', 'upload.php', '--json')
    expect(JSON.parse(events.stdout)).toMatchObject({
      kind: 'finding',
      class_uid: 2004,
      cause: 'write',
      file: { path, hashes: [{ value: expect.stringMatching(/^[0-9a-f]{64}$/) }] },
      finding_info: { uid: 'test-mark', title: 'Marked file' },
    })
    const shown = await house.vedette('alerts', 'show', alert.id)
    expect(shown.stdout).toContain(`Marked file found in ${path}`)
    expect(shown.stdout).toContain('It holds the mark.')
  })

  test('tells of a program that a rule describes, as it is started', async () => {
    const path = join(folder, 'prog')
    copyFileSync('/bin/sleep', path)
    appendFileSync(path, mark)
    chmodSync(path, 0o755)
    const child = spawn(path, ['30'], { stdio: 'ignore' })
    try {
      expect(await alertAbout(path)).toMatchObject({
        title: expect.stringContaining(`Marked file: ${path} runs on `),
        process: { name: 'prog', cmd_line: `${path} 30` },
      })
    } finally {
      child.kill()
    }
  })

  test('tells of a script that a rule describes, as it is started', async () => {
    needsRoot()
    const script = join(folder, 'started.sh')
    writeFileSync(script, `#!/bin/sh\n# ${mark}\nsleep 5\n`)
    chmodSync(script, 0o755)
    const child = spawn(script, { stdio: 'ignore' })
    const alert = await alertAbout(script)
    child.kill()
    expect(alert).toMatchObject({ severity: 'high', process: { cmd_line: `/bin/sh ${script}` } })
  })

  test('reports how much was scanned', async () => {
    const { stdout } = await house.vedette('status')
    expect(stdout).toMatch(/\/yara +running +[1-9]/)
  })
})

describe('vedette scan', () => {
  const scan = (...args: string[]) => vedette(['scan', '--rules', rules, ...args])

  beforeAll(() => {
    writeFileSync(join(folder, 'tree/one.txt'), `say ${mark}`)
    writeFileSync(join(folder, 'tree/deep/two.txt'), `${mark} and ${mark}`)
    writeFileSync(join(folder, 'tree/clean.txt'), 'nothing')
    writeFileSync(join(folder, 'outside.txt'), mark)
    symlinkSync('../outside.txt', join(folder, 'tree/link.txt'))
    symlinkSync('..', join(folder, 'tree/up'))
    execFileSync('mkfifo', [join(folder, 'tree/pipe')])
  })

  test('searches a folder, follows no link out of it, and says by its exit code that something was found', async () => {
    const { status, stdout, stderr } = await scan(join(folder, 'tree'))
    expect({ status, stderr }).toEqual({ status: 7, stderr: '' })
    expect(stdout).toContain(join(folder, 'tree/one.txt'))
    expect(stdout).toContain(join(folder, 'tree/deep/two.txt'))
    expect(stdout).toContain('mark, T1505.003')
    expect(stdout).not.toContain('outside.txt')
    expect(stdout).toMatch(/2 findings in 2 files: 3 files, \d+ B, by 1 rule in/)
  })

  test('with --json gives one object a line, and the sum at the end', async () => {
    const { status, stdout } = await scan('--json', join(folder, 'tree'))
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(status).toBe(7)
    expect(lines).toHaveLength(3)
    expect(new Set(lines.slice(0, 2).map(({ path }) => path))).toEqual(
      new Set([join(folder, 'tree/deep/two.txt'), join(folder, 'tree/one.txt')]),
    )
    expect(lines.find(({ path }) => String(path).endsWith('one.txt'))).toMatchObject({
      rule: 'mark',
      rule_id: 'test-mark',
      title: 'Marked file',
      level: 'high',
      techniques: ['T1505.003'],
      matches: [{ name: '$a', offset: 4, data: mark }],
    })
    expect(lines.at(-1)).toMatchObject({
      summary: { files: 3, findings: 2, files_found: 2, rules: 1, unreadable: 0, aborted: false },
    })
  })

  test('nothing found is said so, with 0', async () => {
    const { status, stdout } = await scan(join(folder, 'tree/clean.txt'))
    expect(status).toBe(0)
    expect(stdout).toMatch(/^Nothing found: 1 file, 7 B, by 1 rule in/)
  })

  test('files that could not be read are told, and what was scanned is not all: 8; what was found comes first', async () => {
    // Not even root may read what the kernel only takes.
    const unreadable = readdirSync('/sys/bus')
      .map((bus) => `/sys/bus/${bus}/drivers_probe`)
      .find((path) => existsSync(path))
    if (unreadable === undefined) throw new Error('no file that cannot be read')
    const { status, stdout, stderr } = await scan(join(folder, 'tree/clean.txt'), unreadable)
    expect(status).toBe(8)
    expect(stdout).toMatch(/^Nothing found: 1 file, .* 1 could not be read\.\n$/)
    expect(stderr).toContain(unreadable)
    expect((await scan(unreadable)).status).toBe(8)
    expect((await scan(join(folder, 'tree/one.txt'), unreadable)).status).toBe(7)
    const { summary } = JSON.parse((await scan('--json', unreadable)).stdout) as { summary: object }
    expect(summary).toMatchObject({ files: 0, unreadable: 1 })
  })

  test('a link that is named is followed', async () => {
    expect((await scan(join(folder, 'tree/link.txt'))).stdout).toContain(join(folder, 'outside.txt'))
  })

  test('faulty rules are told, and the rest are used', async () => {
    const more = join(folder, 'faulty')
    mkdirSync(more)
    writeFileSync(join(more, 'bad.yar'), 'rule bad { condition: nonsense }')
    const { status, stdout, stderr } = await scan('--rules', more, join(folder, 'tree/one.txt'))
    expect(status).toBe(7)
    expect(stdout).toContain('by 1 rule')
    expect(stderr).toContain(`${join(more, 'bad.yar')}:1:23: unknown identifier \`nonsense\``)
  })

  test.each([
    [['--rules', '/nowhere'], 5, 'There is no file or folder /nowhere'],
    [['/nowhere'], 5, 'There is no file or folder /nowhere'],
    [['--set', 'x'], 2, 'Expected name=value.'],
    [['--workers', '0'], 2, 'Expected a whole number from 1 to 64.'],
  ])('%j ends with %i and says why', async (args, status, words) => {
    const done = await scan(...args, join(folder, 'tree'))
    expect(done).toMatchObject({ status, stdout: '' })
    expect(done.stderr).toContain(words)
  })

  test('a folder without rules is refused, with what rules are', async () => {
    const { status, stdout, stderr } = await vedette(['scan', '--rules', watched, folder])
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain('There is no YARA rule to scan by')
    expect(stderr).toContain('.yar or .yara')
  })
})

describe('vedette scan of the machine', () => {
  test('tells what it found, what it looked at and what it could not see; the log is read with its key alone', async () => {
    const logs = join(folder, 'machine-log')
    const options = ['--log-dir', logs, '--log-key', join(folder, 'machine.key')]
    const { status, stdout, stderr } = await vedette(['scan', ...options])
    expect(stderr).toBe('')
    expect([0, 7]).toContain(status)
    expect(stdout).toMatch(
      /(Nothing found|\d+ threats?) in \d+ programs, \d+ ports and connections, \d+ lines of logs and [\d ,]+ files, by \d+ rules/,
    )
    const shown = await vedette(['scan', '--show-log', ...options])
    expect(shown).toMatchObject({ status: 0, stderr: '' })
    expect(shown.stdout).toMatch(/looked at \d+ programs/)
    const other = await vedette([
      'scan',
      '--show-log',
      '--log-dir',
      logs,
      '--log-key',
      join(folder, 'none.key'),
    ])
    expect(other).toMatchObject({ status: 1, stderr: expect.stringContaining('cannot be read') })
  })

  test.each([
    [['scan', '--workers', '2'], '--workers is about files, and none are named'],
    [
      ['scan', '--log-dir', 'x', '/etc/hostname'],
      '--log-dir is about the whole machine, and files are named',
    ],
    [['scan', '--show-log'], '--show-log needs --log-dir'],
  ])('%j is refused', async (args, message) => {
    expect(await vedette(args)).toMatchObject({ status: 2, stderr: expect.stringContaining(message) })
  })

  test('a configuration with a fault is refused by the name of the key', async () => {
    const config = join(folder, 'machine.json')
    writeFileSync(config, '{ "max_failed_login": 5 }')
    const { status, stderr } = await vedette(['scan', '--config', config])
    expect(status).toBe(2)
    expect(stderr).toContain('max_failed_login: is not a known key')
  })
})
