import type { InstalledPackage, ShippedFile } from './package.ts'

/** A package of dpkg with its settings files, of which the list of checksums says nothing. */
export interface DpkgPackage extends InstalledPackage {
  /** `same`: several architectures of it may be installed beside each other, so its files of control carry the architecture. */
  readonly isMultiArch: boolean
  readonly settings: ReadonlyMap<string, ShippedFile>
}

/**
 * Packages that are installed, or half so, by `/var/lib/dpkg/status`: paragraphs of deb-control(5). One without a name or a
 * version is passed over.
 */
export function parseDpkgStatus(text: string): DpkgPackage[] {
  const packages: DpkgPackage[] = []
  for (const paragraph of text.split(/\n\n+/)) {
    const name = field(paragraph, 'Package')
    const version = field(paragraph, 'Version')
    const status = field(paragraph, 'Status') ?? ''
    if (name === undefined || version === undefined || / (?:not-installed|config-files)$/.test(status))
      continue
    packages.push({
      manager: 'dpkg',
      name,
      version,
      arch: field(paragraph, 'Architecture') ?? '',
      isMultiArch: field(paragraph, 'Multi-Arch') === 'same',
      settings: settingsOf(paragraph),
    })
  }
  return packages
}

/** Paths of a package's `.list`, a line each; the folder `/.` that all have is left out. */
export function parseDpkgList(text: string): string[] {
  return text.split('\n').filter((line) => line.startsWith('/') && line !== '/.')
}

/** A package's `.md5sums`: `d41d8… usr/bin/x`, without the slash that paths begin with. */
export function parseMd5sums(text: string): Map<string, ShippedFile> {
  const sums = new Map<string, ShippedFile>()
  for (const line of text.split('\n')) {
    const found = /^([0-9a-f]{32}) {1,2}(.+)$/.exec(line)
    if (found) sums.set(`/${found[2]}`, { algorithm: 'md5', value: found[1] ?? '' })
  }
  return sums
}

/** dpkg-divert(1): three lines each, what is diverted, to where, and for which package (`:` for the administrator). */
export function parseDiversions(text: string): Map<string, { readonly to: string; readonly by: string }> {
  const lines = text.split('\n')
  const diversions = new Map<string, { to: string; by: string }>()
  for (let at = 0; at + 2 < lines.length; at += 3) {
    diversions.set(lines[at] ?? '', { to: lines[at + 1] ?? '', by: lines[at + 2] ?? '' })
  }
  return diversions
}

function field(paragraph: string, name: string): string | undefined {
  const from = paragraph.startsWith(`${name}:`) ? 0 : paragraph.indexOf(`\n${name}:`) + 1
  if (from === 0 && !paragraph.startsWith(`${name}:`)) return undefined
  const end = paragraph.indexOf('\n', from)
  return paragraph.slice(from + name.length + 1, end < 0 ? undefined : end).trim()
}

function settingsOf(paragraph: string): Map<string, ShippedFile> {
  const settings = new Map<string, ShippedFile>()
  const [, lines = ''] = /\nConffiles:\n((?: .*(?:\n|$))*)/.exec(paragraph) ?? []
  for (const line of lines.split('\n')) {
    const found = /^ (\/.*) ([0-9a-f]{32})(?: obsolete| remove-on-upgrade)*$/.exec(line)
    if (found) settings.set(found[1] ?? '', { algorithm: 'md5', value: found[2] ?? '' })
  }
  return settings
}
