import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { CodedError } from '@vedette/base'
import { findRuleFiles, readRuleFile } from '@vedette/detect'
import type { RuleProblem, RuleText } from '@vedette/model'
import { Parser } from 'tar'

/** Rules that lie together: a folder, a checkout or an archive. */
export interface PackFiles {
  /** What it is called, from its path. */
  readonly name: string
  readonly files: readonly RuleText[]
  /** Files that could not be read. */
  readonly problems: readonly RuleProblem[]
  /** Entries of an archive that are no file of rules, or that lead elsewhere. */
  readonly passedOver: number
}

/** Bounds of a pack; what is over them is refused as a whole. */
const MOST_FILES = 20_000
const LARGEST_FILE_BYTES = 1 << 20
const MOST_TEXT_BYTES = 64 << 20
/** Of an archive, everything in it unpacked. */
const MOST_UNPACKED_BYTES = 512 << 20
const MOST_ENTRIES = 50_000
/** Rules pack to a tenth or so. What unpacks to a hundred times its size is made to fill a machine. */
const MOST_RATIO = 100
/** Unpacked at a time: each time waits for a thread. */
const UNPACK_BYTES = 1 << 20
/** How gzip and Zstandard begin. */
const PACKED_AGAIN: ReadonlySet<string> = new Set(['1f8b', '28b5'])
const NO_BOMB_BYTES = 32 << 20
const DEEPEST = 16

const RULE_FILE = /\.ya?ml$/
/** Folders of rules at the top of SigmaHQ's repository: what else is there are no rules to install. */
const SIGMA_FOLDER = /^rules(?:-[\w-]+)?$/

/**
 * Reads the rules of a folder, of one file, or of a tar archive (also packed with gzip). Where there are folders `rules`,
 * `rules-…` at the top, as in SigmaHQ's repository, these alone count; folders named `cases` hold events.
 *
 * @throws {CodedError} `unreadable-pack`, `pack-too-large`, `no-rules`
 */
export async function readPack(path: string): Promise<PackFiles> {
  const found = await stat(path).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CodedError('unreadable-pack', `Cannot read ${path}: ${reason}`)
  })
  const pack = found.isDirectory() || RULE_FILE.test(path) ? await readFolder(path) : await readArchive(path)
  if (pack.files.length === 0) {
    throw new CodedError(
      'no-rules',
      `There are no rules in ${path}: they stand in files that end with .yml or .yaml`,
    )
  }
  return pack
}

/** The folders of rules below a folder, in SigmaHQ's layout; the folder itself where it has another. */
export async function rulePathsOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const folders = entries.filter((entry) => entry.isDirectory() && SIGMA_FOLDER.test(entry.name))
  return folders.length > 0 ? folders.map(({ name }) => join(folder, name)).sort() : [folder]
}

async function readFolder(path: string): Promise<PackFiles> {
  const problems: RuleProblem[] = []
  const names = await findRuleFiles(await rulePathsOf(path), problems)
  const files: RuleText[] = []
  let bytes = 0
  for (const name of names) {
    try {
      const { size } = await stat(name)
      if (size > LARGEST_FILE_BYTES) throw new RangeError('the file is larger than 1 MiB')
      const text = readRuleFile(name)
      bytes += text.length
      if (bytes > MOST_TEXT_BYTES) throw tooLarge(path)
      files.push({ file: relative(path, name).split(sep).join('/') || basename(name), text })
    } catch (error) {
      if (error instanceof CodedError) throw error
      const message = error instanceof Error ? error.message : String(error)
      problems.push({ file: name, line: 0, column: 0, code: 'unreadable', message })
    }
  }
  return { name: nameOf(path), files, problems, passedOver: 0 }
}

async function readArchive(path: string): Promise<PackFiles> {
  if (/\.(?:zip|7z|rar)$/i.test(path)) {
    throw new CodedError(
      'unreadable-pack',
      `Cannot read ${path}: archives are tar, also packed with gzip; unpack this one`,
    )
  }
  const files: RuleText[] = []
  let entries = 0
  let unpacked = 0
  let texts = 0
  const source = createReadStream(path)
  /** Counts what comes out of the archive, also behind its end. */
  async function* metered(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let bytes = 0
    for await (const piece of pieces) {
      bytes += piece.length
      const isBomb = bytes > Math.max(NO_BOMB_BYTES, MOST_RATIO * source.bytesRead)
      if (isBomb || bytes > MOST_UNPACKED_BYTES) throw tooLarge(path)
      // The parser would unpack it, and nobody would count.
      if (bytes === piece.length && PACKED_AGAIN.has(piece.toString('hex', 0, 2))) {
        throw new TypeError('it is packed twice')
      }
      yield piece
    }
  }
  const parser = new Parser({ strict: true, maxMetaEntrySize: LARGEST_FILE_BYTES })
  let failure: Error | undefined
  parser.on('error', (error: Error) => {
    failure ??= error
  })
  parser.on('entry', (entry) => {
    const size = entry.size ?? 0
    entries += 1
    // What it says of itself: nobody waits for it to come.
    unpacked += size
    if (entries > MOST_ENTRIES || unpacked > MOST_UNPACKED_BYTES) {
      parser.abort(tooLarge(path))
      return
    }
    const name = nameWithin(entry.path)
    const isFile = entry.type === 'File' || entry.type === 'OldFile'
    if (!isFile || name === undefined || !RULE_FILE.test(name) || name.split('/').includes('cases')) {
      entry.resume()
      return
    }
    texts += size
    if (size > LARGEST_FILE_BYTES || texts > MOST_TEXT_BYTES || files.length >= MOST_FILES) {
      parser.abort(tooLarge(path))
      return
    }
    const parts: Buffer[] = []
    entry.on('data', (part: Buffer) => parts.push(part))
    entry.on('end', () => files.push({ file: name, text: Buffer.concat(parts).toString('utf8') }))
  })
  try {
    const unpack = (await isPacked(path)) ? createGunzip({ chunkSize: UNPACK_BYTES }) : new PassThrough()
    // Not as a stream: behind the end of an archive the parser takes nothing and says nothing.
    await pipeline(source, unpack, metered, async (pieces) => {
      for await (const piece of pieces) {
        parser.write(piece)
        if (failure !== undefined) throw failure
      }
      parser.end()
      if (failure !== undefined) throw failure
    })
  } catch (error) {
    if (error instanceof CodedError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new CodedError('unreadable-pack', `Cannot read ${path} as a tar archive: ${reason}`)
  }
  const inside = withoutTop(files)
  const sigma = inside.filter(({ file }) => SIGMA_FOLDER.test(file.slice(0, file.indexOf('/'))))
  const chosen = (sigma.length > 0 ? sigma : inside).toSorted((a, b) => (a.file < b.file ? -1 : 1))
  return { name: nameOf(path), files: chosen, problems: [], passedOver: entries - chosen.length }
}

async function isPacked(path: string): Promise<boolean> {
  await using file = await open(path)
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
  return buffer[0] === 0x1f && buffer[1] === 0x8b
}

/** A name within the archive; undefined where it leads out of it, or nests too deep. */
function nameWithin(path: string): string | undefined {
  if (path.startsWith('/') || path.includes('\0') || path.includes('\\')) return undefined
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  return parts.length > DEEPEST || parts.includes('..') ? undefined : parts.join('/')
}

/** Archives of a repository have everything in one folder. */
function withoutTop(files: readonly RuleText[]): readonly RuleText[] {
  const tops = new Set(files.map(({ file }) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '')))
  const [top] = tops
  if (tops.size !== 1 || top === '' || top === undefined || SIGMA_FOLDER.test(top)) return files
  return files.map(({ file, text }) => ({ file: file.slice(top.length + 1), text }))
}

function nameOf(path: string): string {
  const name = basename(resolve(path)).replace(/\.(?:tar|tgz|tar\.gz|ya?ml)$/i, '')
  return (
    name
      .replace(/[^\w.-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 64) || 'rules'
  )
}

function tooLarge(path: string): CodedError {
  return new CodedError(
    'pack-too-large',
    `${path} is over what a pack of rules may be: ${MOST_FILES} files of at most 1 MiB, 64 MiB together`,
  )
}
