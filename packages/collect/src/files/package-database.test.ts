import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PackageDatabase } from './package-database.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vedette-packages-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

const paragraph = (name: string, more = '') =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n${more}\n`

test('dpkg: whose a file is, through merged folders and diversions, and what was shipped', () => {
  const settings = 'Conffiles:\n /etc/a.conf 11111111111111111111111111111111\n'
  put(
    '/var/lib/dpkg/status',
    `${paragraph('a', settings)}${paragraph('dash')}${paragraph('lib', 'Multi-Arch: same\n')}`,
  )
  put('/var/lib/dpkg/info/a.list', '/.\n/bin\n/bin/a\n/bin/sh\n/etc/a.conf\n')
  put(
    '/var/lib/dpkg/info/a.md5sums',
    '22222222222222222222222222222222  bin/a\n33333333333333333333333333333333  bin/sh\n',
  )
  put('/var/lib/dpkg/info/dash.list', '/.\n/bin/sh\n')
  put('/var/lib/dpkg/info/lib:amd64.list', '/.\n/usr/lib/lib.so\n')
  put('/var/lib/dpkg/diversions', '/bin/sh\n/bin/sh.distrib\ndash\n')
  const database = new PackageDatabase(root)
  const said = (path: string) => {
    const owner = database.ownerOf(path)
    return owner && [owner.package.name, owner.shipped?.value.slice(0, 1)]
  }
  expect(said('/bin/a')).toEqual(['a', '2'])
  // /bin is /usr/bin by now.
  expect(said('/usr/bin/a')).toEqual(['a', '2'])
  expect(said('/etc/a.conf')).toEqual(['a', '1'])
  expect(said('/bin/sh')).toEqual(['dash', undefined])
  expect(said('/bin/sh.distrib')).toEqual(['a', '3'])
  expect(said('/usr/lib/lib.so')).toEqual(['lib', undefined])
  expect(said('/bin/other')).toBeUndefined()
})

test('what is installed meanwhile is known', () => {
  put('/var/lib/dpkg/status', paragraph('a'))
  put('/var/lib/dpkg/info/a.list', '/.\n/bin/a\n')
  const database = new PackageDatabase(root)
  expect(database.packages().map(({ name }) => name)).toEqual(['a'])
  put('/var/lib/dpkg/info/b.list', '/.\n/bin/b\n')
  put('/var/lib/dpkg/status', `${paragraph('a')}${paragraph('b')}`)
  expect(database.ownerOf('/bin/b')?.package).toEqual({
    manager: 'dpkg',
    name: 'b',
    version: '1',
    arch: 'amd64',
  })
})

test('several managers on one machine, and none', () => {
  expect(new PackageDatabase(root).packages()).toEqual([])
  put('/var/lib/dpkg/status', paragraph('a'))
  put('/var/lib/dpkg/info/a.list', '/.\n/bin/a\n')
  put('/lib/apk/db/installed', 'P:musl\nV:1\nA:x86_64\nF:lib\nR:ld\nZ:Q1qgTzsRQ1+dIWsWrVkD8VzpwFh7s=\n')
  put('/var/lib/pacman/local/bash-5/desc', '%NAME%\nbash\n\n%VERSION%\n5\n')
  put('/var/lib/pacman/local/bash-5/files', '%FILES%\nusr/bin/bash\n')
  const database = new PackageDatabase(root)
  expect(database.packages().map(({ manager }) => manager)).toEqual(['dpkg', 'apk', 'pacman'])
  expect(database.ownerOf('/lib/ld')).toMatchObject({
    package: { name: 'musl' },
    shipped: { algorithm: 'sha1' },
  })
  expect(database.ownerOf('/usr/bin/bash')).toEqual({
    package: { manager: 'pacman', name: 'bash', version: '5', arch: '' },
  })
})
