import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, extname, join, resolve, sep } from 'node:path'
import type { RuleProblem } from '@vedette/model'
import { BETWEEN_TEXTS, parseRuleText } from './rule-text.ts'

/** A piece of a unit's text that stands so in one file. */
interface Piece {
  /** Where it begins in the unit's text. */
  readonly start: number
  readonly file: string
  /** Where it begins in the file's text. */
  readonly from: number
}

/** A file of rules with what it includes in place. */
export interface SourceUnit {
  readonly file: string
  readonly text: string
  /** Where a place of `text` really is; 1-based. */
  place(offset: number): { readonly file: string; readonly line: number; readonly column: number }
}

const MOST_FILES = 20_000
const DEEPEST_FOLDER = 16
const DEEPEST_INCLUDE = 16
const LARGEST_FILE_BYTES = 16 << 20
/** Of one file with all that it includes. */
const LARGEST_UNIT = 32 << 20
const EXTENSIONS = ['.yar', '.yara']

/**
 * Reads rules from files and folders (`*.yar`, `*.yara`), in order of path. Includes are put in place; they lead nowhere
 * outside the folders that were given (or the folder of a file that was given), links resolved. A file that another one
 * includes is not a unit of its own. Never throws for what it finds.
 */
export function readSources(paths: readonly string[]): {
  readonly units: readonly SourceUnit[]
  readonly problems: readonly RuleProblem[]
} {
  return new Reader(paths).read()
}

interface Found {
  readonly unit: SourceUnit
  readonly includes: ReadonlySet<string>
}

class Reader {
  readonly #paths: readonly string[]
  readonly #problems: RuleProblem[] = []
  readonly #texts = new Map<string, string | undefined>()
  readonly #roots: string[] = []

  constructor(paths: readonly string[]) {
    this.#paths = paths
  }

  read(): { units: readonly SourceUnit[]; problems: readonly RuleProblem[] } {
    const files = this.#find()
    const found = files.flatMap((file) => this.#unit(file) ?? [])
    const isCovered = ({ unit }: Found, by: readonly Found[]) =>
      by.some((other) => other.unit !== unit && other.includes.has(unit.file))
    const kept = found.filter((one) => !isCovered(one, found))
    // Of files that include each other the first stands for all.
    for (const one of found) if (!kept.includes(one) && !isCovered(one, kept)) kept.push(one)
    const isKept = new Set(kept)
    return {
      units: found.filter((one) => isKept.has(one)).map(({ unit }) => unit),
      problems: this.#problems,
    }
  }

  #refuse(file: string, code: string, message: string, place = { line: 0, column: 0 }, hint?: string): void {
    this.#problems.push({ file, ...place, code, message, ...(hint === undefined ? {} : { hint }) })
  }

  /** Real paths of the files, each once. */
  #find(): string[] {
    const files = new Set<string>()
    const walk = (folder: string, depth: number): void => {
      if (depth > DEEPEST_FOLDER) {
        this.#refuse(folder, 'too-deep', `folders of rules nest at most ${DEEPEST_FOLDER} levels deep`)
        return
      }
      const entries = readdirSync(folder, { withFileTypes: true })
      for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const path = join(folder, entry.name)
        if (entry.isDirectory()) {
          if (!entry.name.startsWith('.')) walk(path, depth + 1)
        } else if (entry.isFile() && EXTENSIONS.includes(extname(entry.name))) files.add(path)
      }
    }
    for (const path of this.#paths) {
      try {
        const real = realpathSync(resolve(path))
        const isFolder = statSync(real).isDirectory()
        this.#roots.push(isFolder ? real : dirname(real))
        if (isFolder) walk(real, 0)
        else files.add(real)
      } catch (error) {
        this.#refuse(path, 'unreadable', error instanceof Error ? error.message : String(error))
      }
    }
    if (files.size > MOST_FILES) {
      this.#refuse(
        this.#paths.join(', '),
        'too-many-files',
        `there are ${files.size} files of rules, the most is ${MOST_FILES}`,
      )
    }
    return [...files].slice(0, MOST_FILES)
  }

  #text(file: string): string | undefined {
    if (this.#texts.has(file)) return this.#texts.get(file)
    let text: string | undefined
    try {
      const status = statSync(file)
      if (!status.isFile()) throw new TypeError('it is not a file')
      if (status.size > LARGEST_FILE_BYTES) {
        throw new RangeError(`the file has ${status.size} bytes, the most is ${LARGEST_FILE_BYTES}`)
      }
      text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#refuse(file, 'unreadable', reason)
    }
    this.#texts.set(file, text)
    return text
  }

  #unit(file: string): Found | undefined {
    const pieces: Piece[] = []
    const includes = new Set<string>()
    let text = ''
    let tooLarge = false
    const expand = (source: string, above: readonly string[]): void => {
      const own = this.#text(source)
      if (own === undefined) return
      let from = 0
      const add = (to: number) => {
        if (to <= from) return
        if (text.length + to - from > LARGEST_UNIT) tooLarge = true
        else {
          pieces.push({ start: text.length, file: source, from })
          text += own.slice(from, to)
        }
      }
      for (const include of parseRuleText(own).includes) {
        add(include.start)
        from = include.end
        const target = this.#resolve(source, own, include.path, include.start, above)
        if (target === undefined || tooLarge) continue
        includes.add(target)
        // A comment without an end must not swallow what follows the include.
        expand(target, [...above, target])
        text += BETWEEN_TEXTS
      }
      add(own.length)
    }
    expand(file, [file])
    if (this.#texts.get(file) === undefined) return undefined
    if (tooLarge) {
      this.#refuse(
        file,
        'file-too-large',
        `with what it includes the file has more than ${LARGEST_UNIT} characters`,
      )
      return undefined
    }
    const place = (offset: number) => {
      const piece = pieces.findLast(({ start }) => start <= offset) ?? { start: 0, file, from: 0 }
      const source = this.#texts.get(piece.file) ?? ''
      return {
        file: piece.file,
        ...placeIn(source, Math.min(piece.from + offset - piece.start, source.length)),
      }
    }
    return { unit: { file, text, place }, includes }
  }

  /** The file that an include means; undefined, with a problem said, where it may not be read. */
  #resolve(
    source: string,
    text: string,
    path: string,
    at: number,
    above: readonly string[],
  ): string | undefined {
    const place = placeIn(text, at)
    const refuse = (code: string, message: string, hint?: string): undefined => {
      const known = this.#problems.some(
        (problem) => problem.file === source && problem.line === place.line && problem.code === code,
      )
      if (!known) this.#refuse(source, code, message, place, hint)
      return undefined
    }
    let target: string
    try {
      target = realpathSync(resolve(dirname(source), path))
    } catch {
      return refuse(
        'include-missing',
        `there is no file "${path}" to include`,
        `it is looked for beside ${source}`,
      )
    }
    if (!this.#roots.some((root) => target === root || target.startsWith(root === sep ? sep : root + sep))) {
      return refuse(
        'include-outside',
        `"${path}" leads out of the folder of rules`,
        'put the file into the folder, or name its folder as well',
      )
    }
    if (above.includes(target))
      return refuse('include-circle', `"${path}" includes the file that it is included by`)
    if (above.length >= DEEPEST_INCLUDE) {
      return refuse('too-deep', `includes nest at most ${DEEPEST_INCLUDE} levels deep`)
    }
    return target
  }
}

function placeIn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  let line = 1
  for (let at = before.indexOf('\n'); at >= 0; at = before.indexOf('\n', at + 1)) line += 1
  return { line, column: offset - lineStart + 1 }
}
