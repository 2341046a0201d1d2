import { randomBytes } from 'node:crypto'
import {
  existsSync,
  type FSWatcher,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'

const requestSchema = z.strictObject({
  /** Files, and folders with what lies in them; none: all that differ. */
  paths: z.array(z.string().startsWith('/').max(65_536)).max(10_000),
  /** Who asks. */
  actor: z.string().min(1).max(256),
})

/** Somebody takes files as they are now for right. */
export interface AcceptRequest {
  readonly paths: readonly string[]
  readonly actor: string
}

const answerSchema = z.union([
  z.strictObject({ accepted: z.int().nonnegative() }),
  z.strictObject({ error: z.string() }),
])

const ENDING = '.request'
const ANSWER = '.answer'
const POLL_MS = 50

/**
 * The way by which a command asks who keeps the baseline: a file in a folder that only its owner may enter. Whoever made it
 * disposes of it.
 */
export class AcceptRequests implements Disposable {
  readonly #folder: string
  readonly #accept: (request: AcceptRequest) => Promise<number>
  #watcher: FSWatcher | undefined
  #working: Promise<void> = Promise.resolve()

  constructor(folder: string, accept: (request: AcceptRequest) => Promise<number>) {
    this.#folder = join(folder, 'requests')
    this.#accept = accept
  }

  open(): void {
    mkdirSync(this.#folder, { mode: 0o700, recursive: true })
    for (const name of readdirSync(this.#folder)) rmSync(join(this.#folder, name))
    this.#watcher = watch(this.#folder, { persistent: false }, (_, name) => {
      if (name?.endsWith(ENDING)) this.#working = this.#working.then(() => this.#answer(name))
    })
  }

  [Symbol.dispose](): void {
    this.#watcher?.close()
  }

  async #answer(name: string): Promise<void> {
    const file = join(this.#folder, name)
    let text: string
    try {
      text = readFileSync(file, 'utf8')
      rmSync(file)
    } catch {
      return
    }
    let answer: z.output<typeof answerSchema>
    try {
      answer = { accepted: await this.#accept(requestSchema.parse(JSON.parse(text))) }
    } catch (error) {
      answer = { error: error instanceof Error ? error.message : String(error) }
    }
    writeWhole(join(this.#folder, `${name.slice(0, -ENDING.length)}${ANSWER}`), JSON.stringify(answer))
  }
}

/**
 * Asks who keeps the baseline in a folder.
 *
 * @returns how many files were accepted; undefined where nobody answers in time
 * @throws when it was refused
 */
export async function requestAccept(
  folder: string,
  request: AcceptRequest,
  timeoutMs: number,
): Promise<number | undefined> {
  const place = join(folder, 'requests')
  if (!existsSync(place)) return undefined
  const name = randomBytes(8).toString('hex')
  const answerFile = join(place, `${name}${ANSWER}`)
  writeWhole(join(place, `${name}${ENDING}`), JSON.stringify(request))
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += POLL_MS) {
    if (existsSync(answerFile)) {
      const answer = answerSchema.parse(JSON.parse(readFileSync(answerFile, 'utf8')))
      rmSync(answerFile)
      if ('error' in answer) throw new Error(answer.error)
      return answer.accepted
    }
    await delay(POLL_MS)
  }
  rmSync(join(place, `${name}${ENDING}`), { force: true })
  return undefined
}

function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.next`, text, { mode: 0o600 })
  renameSync(`${file}.next`, file)
}
