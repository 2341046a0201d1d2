import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create, Header } from 'tar'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { readPack, rulePathsOf } from './read-pack.ts'

const folder = mkdtempSync(join(tmpdir(), 'vedette-pack-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fill(root: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, root, name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, text)
  }
  return join(folder, root)
}

/** An archive with one entry that `tar` itself would not write. */
function archiveOf(
  name: string,
  entries: readonly (ConstructorParameters<typeof Header>[0] & { body?: string })[],
): string {
  const blocks: Buffer[] = []
  for (const { body = '', ...entry } of entries as readonly ({ body?: string } & Record<string, unknown>)[]) {
    const header = new Header({ mode: 0o644, size: body.length, type: 'File', ...entry } as never)
    header.encode()
    blocks.push(
      header.block ?? Buffer.alloc(512),
      Buffer.from(body.padEnd(Math.ceil(body.length / 512) * 512, '\0')),
    )
  }
  const path = join(folder, name)
  writeFileSync(path, gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)])))
  return path
}

test("in SigmaHQ's layout the folders of rules count, and the rest does not", async () => {
  const root = fill('sigma', {
    'rules/linux/a.yml': 'title: A',
    'rules/linux/cases/hit.yml': 'x',
    'rules-emerging-threats/b.yaml': 'title: B',
    'regression_data/c.yml': 'x',
    '.github/d.yml': 'x',
    'README.md': 'x',
  })
  expect(await rulePathsOf(root)).toEqual([join(root, 'rules'), join(root, 'rules-emerging-threats')])
  const pack = await readPack(root)
  expect(pack.name).toBe('sigma')
  expect(pack.files).toEqual([
    { file: 'rules/linux/a.yml', text: 'title: A' },
    { file: 'rules-emerging-threats/b.yaml', text: 'title: B' },
  ])
})

test('an archive of the same is the same, without the folder that holds all of it', async () => {
  const path = join(folder, 'sigma-r2026.tgz')
  await create({ file: path, gzip: true, cwd: folder, portable: true }, ['sigma'])
  const pack = await readPack(path)
  expect(pack.name).toBe('sigma-r2026')
  expect(pack.files.map(({ file }) => file)).toEqual(['rules-emerging-threats/b.yaml', 'rules/linux/a.yml'])
  expect(pack.passedOver).toBeGreaterThan(3)
})

test('one file is a pack', async () => {
  const root = fill('single', { 'mine.yml': 'title: Mine' })
  expect(await readPack(join(root, 'mine.yml'))).toMatchObject({
    name: 'mine',
    files: [{ file: 'mine.yml', text: 'title: Mine' }],
  })
})

test('what leads out of an archive, links and devices are passed over', async () => {
  const path = archiveOf('evil.tgz', [
    { path: '../../etc/evil.yml', body: 'title: Out' },
    { path: '/etc/evil.yml', body: 'title: Root' },
    { path: 'a/../../evil.yml', body: 'title: Up' },
    { path: 'link.yml', type: 'SymbolicLink', linkpath: '/etc/passwd' },
    { path: 'hard.yml', type: 'Link', linkpath: 'good.yml' },
    { path: 'device.yml', type: 'CharacterDevice' },
    { path: `${'d/'.repeat(40)}deep.yml`, body: 'title: Deep' },
    { path: 'good.yml', body: 'title: Good' },
  ])
  expect((await readPack(path)).files).toEqual([{ file: 'good.yml', text: 'title: Good' }])
})

test('what is over the bounds is refused as a whole', async () => {
  const path = archiveOf('large.tgz', [{ path: 'large.yml', body: 'x'.repeat((1 << 20) + 1) }])
  await expect(readPack(path)).rejects.toMatchObject({ code: 'pack-too-large' })
})

test('what is no archive, no rules or not there is said', async () => {
  const root = fill('odd', { 'notes.txt': 'x', 'rules.tgz': 'this is no archive', 'rules.zip': 'PK' })
  await expect(readPack(root)).rejects.toMatchObject({ code: 'no-rules' })
  await expect(readPack(join(root, 'rules.tgz'))).rejects.toMatchObject({ code: 'unreadable-pack' })
  await expect(readPack(join(root, 'rules.zip'))).rejects.toMatchObject({ code: 'unreadable-pack' })
  await expect(readPack(join(root, 'missing'))).rejects.toMatchObject({ code: 'unreadable-pack' })
})

test('a link in a folder is not followed', async () => {
  const root = fill('linked', { 'a.yml': 'title: A' })
  symlinkSync('/etc', join(root, 'etc'))
  symlinkSync(join(root, 'a.yml'), join(root, 'b.yml'))
  expect((await readPack(root)).files.map(({ file }) => file)).toEqual(['a.yml'])
})
