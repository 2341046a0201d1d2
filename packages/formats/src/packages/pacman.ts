import type { InstalledPackage, ShippedFile } from './package.ts'

/** `desc` of a package below `/var/lib/pacman/local`: `%NAME%`, its value on the next line. Undefined where one is missing. */
export function parsePacmanDescription(text: string): InstalledPackage | undefined {
  const [name, version, arch] = ['NAME', 'VERSION', 'ARCH'].map(
    (key) => new RegExp(`^%${key}%\n(.+)$`, 'm').exec(text)?.[1],
  )
  if (name === undefined || version === undefined) return undefined
  return { manager: 'pacman', name, version, arch: arch ?? '' }
}

/** `files` beside it: paths without the slash that they begin with, and settings files with their MD5. */
export function parsePacmanFiles(text: string): Map<string, ShippedFile | undefined> {
  const files = new Map<string, ShippedFile | undefined>()
  let section = ''
  for (const line of text.split('\n')) {
    if (/^%[A-Z]+%$/.test(line)) section = line
    else if (section === '%FILES%' && line !== '' && !line.endsWith('/')) files.set(`/${line}`, undefined)
    else if (section === '%BACKUP%') {
      const [path = '', value = ''] = line.split('\t')
      if (/^[0-9a-f]{32}$/.test(value)) files.set(`/${path}`, { algorithm: 'md5', value })
    }
  }
  return files
}
