import { readdirSync, readFileSync, statSync } from 'node:fs'
import {
  type InstalledPackage,
  parseApkInstalled,
  parseDiversions,
  parseDpkgList,
  parseDpkgStatus,
  parseMd5sums,
  parsePacmanDescription,
  parsePacmanFiles,
  type ShippedFile,
} from '@vedette/formats/packages'

/** A package's file. */
export interface OwnedFile {
  readonly package: InstalledPackage
  /** What the package brought; left out where its database has no checksum of it. */
  readonly shipped?: ShippedFile
}

interface Entry {
  readonly package: InstalledPackage
  /** The path that the package itself has for it. */
  readonly listed: string
}

interface Loaded {
  readonly packages: readonly InstalledPackage[]
  readonly files: ReadonlyMap<string, Entry>
  readonly shipped: (entry: Entry) => ShippedFile | undefined
}

/** Larger databases are not read. */
const MAX_FILE_BYTES = 256 << 20
const nothing: Loaded = { packages: [], files: new Map(), shipped: () => undefined }

/**
 * The databases of this host's package managers: which packages are installed, and which of them a file is of. Read-only, and
 * none of their programs is run. Synchronous, and its first answer takes some 100 ms: for a worker. Of a database that was
 * changed it reads the whole again.
 */
export class PackageDatabase {
  readonly #root: string
  #state = ''
  #loaded: Loaded = nothing

  /** @param root folder that stands for `/`; empty for the machine's own */
  constructor(root = '') {
    this.#root = root
  }

  packages(): readonly InstalledPackage[] {
    return this.#current().packages
  }

  /** By an absolute path without links in it. Of folders that several packages have it names one. */
  ownerOf(path: string): OwnedFile | undefined {
    const { files, shipped } = this.#current()
    // Of a file in /usr/bin a package may say that it is in /bin, from before these were one.
    const merged = path.startsWith('/usr/') ? path.slice('/usr'.length) : `/usr${path}`
    const entry = files.get(path) ?? files.get(merged)
    if (entry === undefined) return undefined
    const sum = shipped(entry)
    return { package: plain(entry.package), ...(sum !== undefined && { shipped: sum }) }
  }

  /** Lets go of what was read; the next question reads it again. */
  forget(): void {
    this.#state = ''
    this.#loaded = nothing
  }

  #current(): Loaded {
    const state = [
      '/var/lib/dpkg/status',
      '/var/lib/dpkg/info',
      '/var/lib/dpkg/diversions',
      '/lib/apk/db/installed',
      '/var/lib/pacman/local',
    ]
      .map((path) => stateOf(`${this.#root}${path}`))
      .join(' ')
    if (state !== this.#state) {
      this.#loaded = joined([this.#dpkg(), this.#apk(), this.#pacman()])
      this.#state = state
    }
    return this.#loaded
  }

  #dpkg(): Loaded {
    const folder = `${this.#root}/var/lib/dpkg`
    const status = textOf(`${folder}/status`)
    if (status === undefined) return nothing
    const packages = parseDpkgStatus(status)
    const diversions = parseDiversions(textOf(`${folder}/diversions`) ?? '')
    const files = new Map<string, Entry>()
    const control = new Map<InstalledPackage, string>()
    for (const one of packages) {
      const names = one.isMultiArch
        ? [`${one.name}:${one.arch}`, one.name]
        : [one.name, `${one.name}:${one.arch}`]
      for (const name of names) {
        const list = textOf(`${folder}/info/${name}.list`)
        if (list === undefined) continue
        control.set(one, `${folder}/info/${name}`)
        for (const listed of parseDpkgList(list)) {
          const diversion = diversions.get(listed)
          const path = diversion !== undefined && diversion.by !== one.name ? diversion.to : listed
          if (!files.has(path)) files.set(path, { package: one, listed })
        }
        break
      }
    }
    const settings = new Map<InstalledPackage, ReadonlyMap<string, ShippedFile>>(
      packages.map((one) => [one, one.settings]),
    )
    let last: { readonly of: InstalledPackage; readonly sums: Map<string, ShippedFile> } | undefined
    const shipped = ({ package: one, listed }: Entry) => {
      const setting = settings.get(one)?.get(listed)
      if (setting !== undefined) return setting
      if (last?.of !== one)
        last = { of: one, sums: parseMd5sums(textOf(`${control.get(one)}.md5sums`) ?? '') }
      return last.sums.get(listed)
    }
    return { packages: packages.map(plain), files, shipped }
  }

  #apk(): Loaded {
    const text = textOf(`${this.#root}/lib/apk/db/installed`)
    if (text === undefined) return nothing
    const packages = parseApkInstalled(text)
    const sums = new Map(packages.flatMap(({ files }) => [...files]))
    const files = new Map(
      packages.flatMap((one) =>
        [...one.files.keys()].map((listed) => [listed, { package: plain(one), listed }] as const),
      ),
    )
    return { packages: packages.map(plain), files, shipped: ({ listed }) => sums.get(listed) }
  }

  #pacman(): Loaded {
    const folder = `${this.#root}/var/lib/pacman/local`
    const packages: InstalledPackage[] = []
    const files = new Map<string, Entry>()
    const sums = new Map<string, ShippedFile | undefined>()
    for (const name of namesIn(folder)) {
      const one = parsePacmanDescription(textOf(`${folder}/${name}/desc`) ?? '')
      if (one === undefined) continue
      packages.push(one)
      for (const [listed, sum] of parsePacmanFiles(textOf(`${folder}/${name}/files`) ?? '')) {
        files.set(listed, { package: one, listed })
        sums.set(listed, sum)
      }
    }
    return { packages, files, shipped: ({ listed }) => sums.get(listed) }
  }
}

/** Without what only its database knows. */
function plain({ manager, name, version, arch }: InstalledPackage): InstalledPackage {
  return { manager, name, version, arch }
}

function joined(all: readonly Loaded[]): Loaded {
  const present = all.filter(({ packages }) => packages.length > 0)
  const [only] = present
  if (only === undefined || present.length === 1) return only ?? nothing
  const source = new Map<Entry, Loaded>()
  const files = new Map<string, Entry>()
  for (const loaded of present) {
    for (const [path, entry] of loaded.files) {
      if (files.has(path)) continue
      files.set(path, entry)
      source.set(entry, loaded)
    }
  }
  return {
    packages: present.flatMap(({ packages }) => packages),
    files,
    shipped: (entry) => source.get(entry)?.shipped(entry),
  }
}

function stateOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? '-' : `${stats.ino}:${stats.mtimeNs}:${stats.size}`
}

function textOf(path: string): string | undefined {
  try {
    return statSync(path).size > MAX_FILE_BYTES ? undefined : readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
