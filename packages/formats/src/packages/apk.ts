import type { InstalledPackage, ShippedFile } from './package.ts'

/** A package of apk with its files. */
export interface ApkPackage extends InstalledPackage {
  readonly files: ReadonlyMap<string, ShippedFile | undefined>
}

/**
 * `/lib/apk/db/installed` of Alpine: paragraphs of lines `K:value`; P package, V version, A architecture, F a folder, and R
 * and Z a file in it with its checksum (`Q1` and SHA-1 in base64, `Q2` and SHA-256). apk-package(5).
 */
export function parseApkInstalled(text: string): ApkPackage[] {
  const packages: ApkPackage[] = []
  for (const paragraph of text.split(/\n\n+/)) {
    const facts = { P: '', V: '', A: '' }
    const files = new Map<string, ShippedFile | undefined>()
    let folder = ''
    let file = ''
    for (const line of paragraph.split('\n')) {
      const value = line.slice(2)
      switch (line.slice(0, 2)) {
        case 'P:':
        case 'V:':
        case 'A:':
          facts[line[0] as 'P' | 'V' | 'A'] = value
          break
        case 'F:':
          folder = value
          break
        case 'R:':
          file = folder === '' ? `/${value}` : `/${folder}/${value}`
          files.set(file, undefined)
          break
        case 'Z:':
          if (file !== '') files.set(file, checksum(value))
      }
    }
    if (facts.P === '' || facts.V === '') continue
    packages.push({ manager: 'apk', name: facts.P, version: facts.V, arch: facts.A, files })
  }
  return packages
}

function checksum(text: string): ShippedFile | undefined {
  const algorithm = text.startsWith('Q1') ? 'sha1' : text.startsWith('Q2') ? 'sha256' : undefined
  if (algorithm === undefined) return undefined
  const value = Buffer.from(text.slice(2), 'base64').toString('hex')
  return value.length === (algorithm === 'sha1' ? 40 : 64) ? { algorithm, value } : undefined
}
