import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseApkInstalled } from './apk.ts'
import { parseDiversions, parseDpkgList, parseDpkgStatus, parseMd5sums } from './dpkg.ts'
import { parsePacmanDescription, parsePacmanFiles } from './pacman.ts'

const STATUS = `Package: login
Status: install ok installed
Architecture: amd64
Version: 1:4.13
Conffiles:
 /etc/login.defs d41d8cd98f00b204e9800998ecf8427e
 /etc/gone 00000000000000000000000000000000 obsolete
Description: a
 Package: no

Package: removed
Status: deinstall ok config-files
Version: 1

Package: libc6
Status: install ok installed
Multi-Arch: same
Architecture: i386
Version: 2
`

test('dpkg: packages that are there, with their settings files', () => {
  const [login, libc, ...more] = parseDpkgStatus(STATUS)
  expect(more).toEqual([])
  expect(login).toMatchObject({
    manager: 'dpkg',
    name: 'login',
    version: '1:4.13',
    arch: 'amd64',
    isMultiArch: false,
  })
  expect([...(login?.settings.keys() ?? [])]).toEqual(['/etc/login.defs', '/etc/gone'])
  expect(libc).toMatchObject({ name: 'libc6', arch: 'i386', isMultiArch: true })
})

test('dpkg: the same packages as dpkg-query names, where this machine has it', () => {
  const status = '/var/lib/dpkg/status'
  const form = '${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\n'
  if (!existsSync(status)) return expect(existsSync('/usr/bin/dpkg-query')).toBe(false)
  const said = spawnSync('/usr/bin/dpkg-query', ['-W', '-f', form], { encoding: 'utf8' }).stdout.split('\n')
  const expected = said
    .filter((line) => line.startsWith('installed'))
    .map((line) => line.split('\t').slice(1).join(' '))
  const found = parseDpkgStatus(readFileSync(status, 'utf8')).map(
    ({ name, version, arch }) => `${name} ${version} ${arch}`,
  )
  expect(new Set(found)).toEqual(new Set(expected))
  expect(found.length).toBeGreaterThan(50)
})

test('dpkg: lists, checksums, diversions', () => {
  expect(parseDpkgList('/.\n/usr\n/usr/bin/a b\n\n')).toEqual(['/usr', '/usr/bin/a b'])
  expect(parseMd5sums('d41d8cd98f00b204e9800998ecf8427e  usr/bin/a b\nnonsense\n')).toEqual(
    new Map([['/usr/bin/a b', { algorithm: 'md5', value: 'd41d8cd98f00b204e9800998ecf8427e' }]]),
  )
  expect(parseDiversions('/bin/sh\n/bin/sh.distrib\ndash\n')).toEqual(
    new Map([['/bin/sh', { to: '/bin/sh.distrib', by: 'dash' }]]),
  )
})

test('apk: packages with their files', () => {
  const text =
    'P:musl\nV:1.2.5-r0\nA:x86_64\nF:lib\nR:ld-musl.so.1\na:0:0:755\nZ:Q1qgTzsRQ1+dIWsWrVkD8VzpwFh7s=\nF:\nR:.x\n\nP:broken\n'
  const [musl, ...more] = parseApkInstalled(text)
  expect(more).toEqual([])
  expect(musl).toMatchObject({ manager: 'apk', name: 'musl', version: '1.2.5-r0', arch: 'x86_64' })
  expect([...(musl?.files ?? [])]).toEqual([
    ['/lib/ld-musl.so.1', { algorithm: 'sha1', value: 'aa04f3b11435f9d216b16ad5903f15ce9c0587bb' }],
    ['/.x', undefined],
  ])
})

test('pacman: a package and its files', () => {
  expect(parsePacmanDescription('%NAME%\nbash\n\n%VERSION%\n5.2-1\n\n%ARCH%\nx86_64\n')).toEqual({
    manager: 'pacman',
    name: 'bash',
    version: '5.2-1',
    arch: 'x86_64',
  })
  expect(parsePacmanDescription('%NAME%\nbash\n')).toBeUndefined()
  expect(
    parsePacmanFiles(
      '%FILES%\nusr/\nusr/bin/bash\n\n%BACKUP%\netc/bash.bashrc\td41d8cd98f00b204e9800998ecf8427e\n',
    ),
  ).toEqual(
    new Map([
      ['/usr/bin/bash', undefined],
      ['/etc/bash.bashrc', { algorithm: 'md5', value: 'd41d8cd98f00b204e9800998ecf8427e' }],
    ]),
  )
})

test('any text is read without a throw, in a time that follows its length', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '',
      'Package: a',
      'Version: 1',
      'Conffiles:',
      ' /etc/a 0',
      '%FILES%',
      'P:a',
      'V:1',
      'F:b',
      'R:c',
      'Z:Q1x',
    ),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
      const text = lines.join('\n')
      parseDpkgStatus(text)
      parseDpkgList(text)
      parseMd5sums(text)
      parseDiversions(text)
      parseApkInstalled(text)
      parsePacmanDescription(text)
      parsePacmanFiles(text)
    }),
    { numRuns: 500 },
  )
})
