import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Finished } from '../../test/house.ts'
import { blocksOf } from './page.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = fileURLToPath(new URL('api.md', import.meta.url))

/** A line that is typed, or a value of the answer before it that is kept. */
type Step = { readonly line: string } | { readonly path: string; readonly name: string }

/** What a reader of the page on the API types and keeps, in its order. */
export function stepsOf(): Step[] {
  const found = readFileSync(page, 'utf8').matchAll(/^\$ (.+)$|^Keep its `([\w.]+)` as `([A-Z]+)`/gm)
  return [...found].map(([, line, path = '', name = '']) => (line === undefined ? { path, name } : { line }))
}

/** A folder in which a reader of the page works. It lies in the checkout, where what is installed is found from. */
export class ReadersFolder implements Disposable {
  readonly path = join(root, 'docs', 'guide', `api-${process.pid}.generated`)
  /** What the lines use as `$NAME`. */
  readonly kept: Record<string, string>

  constructor(url: string) {
    this.kept = { URL: url }
    mkdirSync(this.path)
  }

  /** Writes a program of the page to where it says. */
  write(name: string): void {
    const block = blocksOf(page).find(({ path }) => path === name)
    if (block === undefined) throw new RangeError(`the page has no ${name}`)
    writeFileSync(join(this.path, name), block.text)
  }

  keep(name: string, path: string, answer: unknown): void {
    const value = path
      .split('.')
      .reduce((part, key) => (part as Readonly<Record<string, unknown>> | undefined)?.[key], answer)
    if (typeof value !== 'string') throw new TypeError(`the answer has no ${path}: ${JSON.stringify(answer)}`)
    this.kept[name] = value
  }

  /** Runs a line as it stands there: quotes hold words together, and within single ones nothing is filled in. */
  run(line: string): Promise<Finished> {
    const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, plain, quoted, bare]) =>
      plain === undefined ? this.#filled(quoted ?? bare ?? '') : plain,
    )
    const [program = '', ...rest] = words
    if (program === 'curl') return this.start('curl', rest)
    if (program === 'npx') return this.start(join(root, 'node_modules', '.bin', rest[0] ?? ''), rest.slice(1))
    throw new RangeError(`the page starts ${program}`)
  }

  /** Starts a program in the folder, with what was kept in its environment. */
  start(file: string, args: readonly string[]): Promise<Finished> {
    const env = { PATH: process.env['PATH'], HOME: this.path, NO_COLOR: '1', ...this.kept }
    return new Promise((resolve) => {
      execFile(file, [...args], { cwd: this.path, env, timeout: 60_000 }, (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
        resolve({ status, stdout, stderr })
      })
    })
  }

  #filled(word: string): string {
    return word.replace(/\$([A-Z]+)/g, (_, name: string) => {
      const value = this.kept[name]
      if (value === undefined) throw new Error(`the page uses $${name}, which nothing keeps`)
      return value
    })
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** Makes the account of the page, as its reader did at the first visit. */
export async function makeAccount({
  url,
  setupToken,
}: {
  readonly url: string
  readonly setupToken: string
}) {
  const response = await fetch(`${url}/auth/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: setupToken, name: 'anna', password: 'a quiet morning by the sea' }),
  })
  if (!response.ok) throw new Error(`no account was made: ${await response.text()}`)
}

/** What the programs of the page print. */
export const PRINTED = /^\S+ is reporting\n.+\n.+\n1 added, 1 found\n\w+ came and went\n$/
