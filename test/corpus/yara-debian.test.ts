import { globSync, lstatSync, readFileSync } from 'node:fs'
import { scanPaths } from '@vedette/manager/scan'
import { expect, test } from 'vitest'

/** What Debian's packages installed below these folders: nobody would have put a web shell there. */
const FOLDERS = ['/usr/bin/', '/usr/sbin/', '/usr/lib/', '/usr/libexec/', '/usr/share/']
const MOST_FILES = 15_000

function filesOfPackages(): string[] {
  const files = new Set<string>()
  for (const list of globSync('/var/lib/dpkg/info/*.list')) {
    for (const file of readFileSync(list, 'utf8').split('\n')) {
      if (FOLDERS.some((folder) => file.startsWith(folder))) files.add(file)
    }
  }
  const plain = [...files]
    .filter((file) => lstatSync(file, { throwIfNoEntry: false })?.isFile() === true)
    .sort()
  const step = Math.ceil(plain.length / MOST_FILES)
  // All programs, and of the rest as many as time allows, from everywhere.
  return plain.filter((file, index) => file.includes('bin/') || index % step === 0)
}

test('our YARA rules find nothing in what Debian installed', async () => {
  const paths = filesOfPackages()
  expect(paths.length).toBeGreaterThan(1000)
  const found: string[] = []
  const summary = await scanPaths(
    { paths },
    {
      loaded: ({ problems }) => expect(problems).toEqual([]),
      found: ({ path, ruleName }) => found.push(`${ruleName}: ${path}`),
      unscanned: () => undefined,
      progress: () => undefined,
    },
  )
  expect(found).toEqual([])
  expect(summary).toMatchObject({ findings: 0, unreadable: 0, timedOut: 0 })
  expect(summary.files + summary.tooLarge).toBe(paths.length)
}, 600_000)
