import { lstatSync, readdirSync } from 'node:fs'
import { setImmediate, setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '@vedette/base'
import { AccountNames, FileInspector, type Inspection, PackageDatabase } from '@vedette/collect/files'
import { RemoteMounts } from '@vedette/linux'
import type { FilePackage } from '@vedette/model'
import type { FromJob, JobOptions, KnownStates, LookRequest, ScanRequest, Seen } from './messages.ts'

/** Programs that install and remove packages, by the package that they come in: others of the name are not. */
const MANAGERS: Readonly<Record<string, readonly string[]>> = {
  dpkg: [
    'dpkg',
    'dpkg-deb',
    'dpkg-divert',
    'dpkg-statoverride',
    'update-alternatives',
    'dpkg-split',
    'dpkg-trigger',
  ],
  apt: ['apt', 'apt-get', 'apt-key'],
  aptitude: ['aptitude', 'aptitude-curses'],
  'unattended-upgrades': ['unattended-upgrade'],
  'apk-tools': ['apk'],
  pacman: ['pacman'],
}
/** Those of them that run the scripts that packages bring. */
const RUN_SCRIPTS: readonly string[] = ['dpkg', 'apk-tools', 'pacman']
const BATCH = 256
/** What was read of package databases is kept for so long after the last question. */
const DATABASE_KEPT_MS = 30_000
const REPLACEMENT = '\ufffd'

/** Looks at files, for the job: everything in it blocks its thread. */
export class Examiner {
  readonly #options: JobOptions
  readonly #post: (message: FromJob) => Promise<void>
  readonly #known = new Map<number, Map<string, string>>()
  readonly #packages = new PackageDatabase()
  readonly #mounts = new RemoteMounts(systemClock)
  readonly #inspector: FileInspector
  #forgetting: NodeJS.Timeout | undefined

  #closed = false

  /**
   * @param post resolves once it was handed on
   * @param working called now and then by what takes long
   */
  constructor(options: JobOptions, post: (message: FromJob) => Promise<void>, working: () => void) {
    this.#options = options
    this.#post = post
    this.#inspector = new FileInspector({
      maxFileBytes: options.maxFileBytes,
      mounts: this.#mounts,
      names: new AccountNames(),
      working,
    })
  }

  look({ id, path, known, actors }: LookRequest): void {
    const inspection = this.#inspect(path, known)
    const owner = this.#packageOf(path, inspection)
    void this.#post({
      type: 'looked',
      id,
      path,
      inspection,
      ...(owner !== undefined && { package: owner }),
      byPackageManager: actors.some((actor, above) => this.#isPackageManager(actor, above > 0)),
    })
    this.#forgetLater()
  }

  know({ id, states }: KnownStates): void {
    const known = this.#known.get(id) ?? new Map<string, string>()
    for (const [path, state] of states) known.set(path, state)
    this.#known.set(id, known)
  }

  /** Ends what is under way, and says nothing of it. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#forgetting)
  }

  async scan(request: ScanRequest): Promise<void> {
    const { id, packages } = request
    const known = this.#known.get(id) ?? new Map<string, string>()
    this.#known.delete(id)
    const met = new Set<string>()
    const remote = new Set<string>()
    const startMs = performance.now()
    const startBytes = this.#inspector.readBytes
    let batch: Seen[] = []
    let refused = 0
    let truncated = false
    const flush = async () => {
      const seen = batch
      batch = []
      if (seen.length > 0) await this.#post({ type: 'batch', id, seen })
    }
    for (const found of this.#walk(request)) {
      if (this.#closed) return
      if (found.outcome === 'refused') {
        refused += 1
        // What lies in it is not gone for that.
        for (const path of known.keys()) if (path.startsWith(`${found.path}/`)) met.add(path)
        continue
      }
      if (met.size >= this.#options.maxFiles) {
        truncated = true
        break
      }
      const { path } = found
      if (met.has(path)) continue
      const inspection = this.#inspector.inspect(found.place, known.get(path))
      if (inspection.outcome === 'gone') continue
      met.add(path)
      if (inspection.outcome === 'remote') remote.add(inspection.type)
      else if (inspection.outcome === 'refused') refused += 1
      else if (inspection.outcome === 'there') {
        const owner = packages ? this.#packageOf(path, inspection) : undefined
        batch.push({ path, inspection, ...(owner !== undefined && { package: owner }) })
      }
      if (batch.length >= BATCH) await flush()
      // Others have their turn, and the disk a rest.
      const aheadMs =
        ((this.#inspector.readBytes - startBytes) / this.#options.bytesPerSecond) * 1000 -
        (performance.now() - startMs)
      if (aheadMs > 20) await delay(aheadMs)
      else if (met.size % 32 === 0) await setImmediate()
    }
    await flush()
    await this.#post({
      type: 'end',
      id,
      summary: {
        files: met.size,
        readBytes: this.#inspector.readBytes - startBytes,
        gone: truncated ? [] : [...known.keys()].filter((path) => !met.has(path)),
        truncated,
        remote: [...remote],
        refused,
      },
    })
    this.#forgetLater()
  }

  /** All names below the paths, folders before what lies in them; no link is followed, no other machine asked. */
  *#walk({ paths, exclude }: ScanRequest): Generator<Found> {
    const excluded = new Set(exclude)
    const waiting = paths.map((path): Found => ({ outcome: 'found', path, place: path })).reverse()
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { path, place } = next
      if (excluded.has(path) || this.#mounts.ofPath(path) !== undefined) continue
      yield next
      let names: Buffer[]
      try {
        if (!lstatSync(place).isDirectory()) continue
        names = readdirSync(place, { encoding: 'buffer' })
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code !== 'ENOENT' && code !== 'ENOTDIR') yield { outcome: 'refused', path, place }
        continue
      }
      for (const name of names.toSorted((a, b) => Buffer.compare(a, b)).reverse()) {
        const text = name.toString('utf8')
        // A name may be any bytes: who wants a file not to be found gives it such a name.
        const isPlain = typeof place === 'string' && !text.includes(REPLACEMENT)
        const below = `${path === '/' ? '' : path}/${text}`
        waiting.push({
          outcome: 'found',
          path: below,
          place: isPlain ? below : Buffer.concat([Buffer.from(place), Buffer.from('/'), name]),
        })
      }
    }
  }

  /** By its name; where that is no UTF-8, the first that is read alike. */
  #inspect(path: string, known: string | undefined): Inspection {
    return this.#inspector.inspect(path.includes(REPLACEMENT) ? placeOf(path) : path, known)
  }

  #packageOf(path: string, inspection: Inspection): FilePackage | undefined {
    if (inspection.outcome !== 'there' || inspection.facts.type === 'folder') return undefined
    const owned = this.#packages.ownerOf(path)
    if (owned === undefined) return undefined
    const { name, version, manager } = owned.package
    const { shipped } = owned
    const sum =
      shipped === undefined || inspection.facts.sha256 === undefined
        ? undefined
        : shipped.algorithm === 'sha256'
          ? inspection.facts.sha256
          : this.#inspector.digest(path, shipped.algorithm)
    return {
      name,
      version,
      manager,
      ...(sum !== undefined && shipped !== undefined && { verified: sum === shipped.value }),
    }
  }

  /** @param isAncestor then only of those that run the scripts of packages: others start what their user tells them to */
  #isPackageManager(executable: string, isAncestor: boolean): boolean {
    const name = executable.slice(executable.lastIndexOf('/') + 1)
    const wanted = Object.entries(MANAGERS).find(([, programs]) => programs.includes(name))?.[0]
    if (wanted === undefined || (isAncestor && !RUN_SCRIPTS.includes(wanted))) return false
    return this.#packages.ownerOf(executable)?.package.name === wanted
  }

  #forgetLater(): void {
    clearTimeout(this.#forgetting)
    this.#forgetting = setTimeout(() => this.#packages.forget(), DATABASE_KEPT_MS)
    this.#forgetting.unref()
  }
}

interface Found {
  readonly outcome: 'found' | 'refused'
  readonly path: string
  /** What leads there: the path's bytes, where they are no UTF-8. */
  readonly place: string | Buffer
}

function placeOf(path: string): Buffer {
  let place = Buffer.from('/')
  for (const part of path.split('/').filter((name) => name !== '')) {
    let name = Buffer.from(part)
    if (part.includes(REPLACEMENT)) {
      try {
        name = readdirSync(place, { encoding: 'buffer' }).find((one) => one.toString('utf8') === part) ?? name
      } catch {
        // Nothing is there, and the look at it will say so.
      }
    }
    place = Buffer.concat([place, Buffer.from('/'), name])
  }
  return place
}
