import { randomBytes } from 'node:crypto'
import { chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { launchCommand } from '@vedette/linux'
import { tokenHash } from '../../../apps/server/src/access/token.ts'
import type { ServerSettingsLine } from '../../../apps/server/src/settings.ts'
import { nobody } from '../../../apps/server/src/testing/test-server.ts'
import { withCompiledCode } from '../../../apps/cli/src/up/compile-cache.ts'
import { Part, PartFailure } from '../../../apps/cli/src/up/part.ts'
import { findProgramFiles } from '../../../apps/cli/src/up/program-files.ts'

/** As `vedette up` has it. */
const PAUSE_BEFORE_RESTART_MS = 250
const GRACE_MS = 5000
const LOOK_MS = 50
const ANSWER_WITHIN_MS = 30_000

/** A rule of the trials' own: it finds every command line with this word, and nothing else is one. */
export const ATTACK = 'attack-of-the-trial'
const RULE = `title: An attack of the trial
id: 8c7e1b5e-0000-4000-8000-000000000101
status: test
description: Fires on a word that only the trial uses.
author: Vedette
tags: [attack.execution, attack.t1059.004]
logsource: { category: process_creation, product: linux }
detection:
  selection: { CommandLine|contains: ${ATTACK} }
  condition: selection
level: high
`

export interface ServerUnderFaultsOptions {
  /** A folder that the server's user may enter; the caller removes it. */
  readonly folder: string
  /** Sections of the configuration besides `api.listen` and the rule. */
  readonly config?: Partial<Omit<ServerSettingsLine['config'], 'api'>>
  /** Told of each line of its log. */
  readonly onLog?: (line: string) => void
}

/**
 * The server as a process of its own with its own stores, as the house starts it: as an unprivileged user, and again whenever
 * it ends by itself. Agents come over TLS.
 */
export class ServerUnderFaults implements AsyncDisposable {
  readonly home: string
  readonly #token = randomBytes(32).toString('base64url')
  readonly #part: Part
  readonly #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #ready = Promise.withResolvers<void>()
  url = ''
  /** Starts that came so far that it takes requests. */
  starts = 0

  private constructor(options: ServerUnderFaultsOptions, ports: readonly [http: number, agents: number]) {
    const { folder, config, onLog } = options
    const files = findProgramFiles()
    const user = nobody()
    this.home = join(folder, 'server')
    const rules = join(folder, 'rules')
    mkdirSync(this.home, { mode: 0o700, recursive: true })
    mkdirSync(rules, { recursive: true })
    if (user !== undefined) chownSync(this.home, user.uid, user.gid)
    writeFileSync(join(rules, 'attack.yml'), RULE)
    const settings: ServerSettingsLine = {
      version: '0.0.0-test',
      home: this.home,
      secrets: { cliTokenHash: tokenHash(this.#token), agents: [] },
      content: files.content,
      config: {
        detection: { built_in_rules: false, rules: [rules] },
        ...config,
        api: { listen: `127.0.0.1:${ports[0]}`, agents_listen: `127.0.0.1:${ports[1]}` },
      },
      logLevel: 'warn',
    }
    const program = [process.execPath, files.serverMain] as const
    const command = () =>
      launchCommand(
        {
          ...(user !== undefined && {
            user,
            capabilities: [],
            reachable: [...files.roots, folder],
          }),
          noNewPrivileges: true,
          umask: 0o077,
          workingDirectory: this.home,
        },
        withCompiledCode(this.home, user?.uid ?? process.getuid?.() ?? 0, program),
      )
    const { NODE_OPTIONS, VEDETTE_PLANTED } = process.env
    this.#part = new Part({
      name: 'server',
      command,
      settings: () => settings,
      onMessage: (message) => {
        if (message['type'] !== 'ready') return
        this.url = String(message['url'])
        this.starts += 1
        this.#ready.resolve()
        this.#ready = Promise.withResolvers()
      },
      onLog: (line) => onLog?.(line),
      onStart: () => undefined,
      // A fault that is planted is planted in it.
      env:
        VEDETTE_PLANTED === undefined || NODE_OPTIONS === undefined ? {} : { NODE_OPTIONS, VEDETTE_PLANTED },
      graceMs: GRACE_MS,
    })
  }

  static async start(options: ServerUnderFaultsOptions): Promise<ServerUnderFaults> {
    const server = new ServerUnderFaults(options, [await freePort(), await freePort()])
    const ready = server.#ready.promise
    server.#running = server.#keepRunning()
    await Promise.race([ready, server.#running])
    return server
  }

  async #keepRunning(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#part.run(this.#stop.signal)
      } catch (error) {
        if (!(error instanceof PartFailure)) throw error
        if (this.starts === 0) throw error
      }
      await delay(PAUSE_BEFORE_RESTART_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined)
    }
  }

  get pid(): number | undefined {
    return this.#part.pid
  }

  /** The first process of its PostgreSQL. */
  get postmaster(): number | undefined {
    return childrenOf(this.pid).find((pid) => nameOf(pid) === 'postgres')
  }

  /** All processes that the server started, and those that these did. */
  get descendants(): number[] {
    const found = childrenOf(this.pid)
    for (const pid of found) found.push(...childrenOf(pid))
    return found
  }

  /** Resolves when the next start is ready, however it comes to that. */
  get nextReady(): Promise<void> {
    return this.#ready.promise
  }

  /** One request of the API as the operator. */
  async ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    })
  }

  /** Resolves when both stores answer, as the server itself finds. */
  async storesAnswer(signal?: AbortSignal): Promise<void> {
    while (signal?.aborted !== true) {
      const answers = await Promise.all(
        ['state_store', 'event_store'].map((check) =>
          this.ask('GET', `/health/${check}`).then(
            async (response) => {
              await response.arrayBuffer()
              return response.status
            },
            () => 0,
          ),
        ),
      )
      if (answers.every((status) => status === 200)) return
      await delay(LOOK_MS)
    }
  }

  /** A secret by which so many agents may enrol. */
  async enrolmentSecret(uses: number): Promise<{ server: string; fingerprint: string; secret: string }> {
    const response = await this.ask('POST', '/api/agents/secrets', { uses })
    const { server, ca_fingerprint: fingerprint, secret } = (await response.json()) as Record<string, string>
    if (server === undefined || fingerprint === undefined || secret === undefined)
      throw new Error(`no enrolment secret: ${response.status}`)
    return { server, fingerprint, secret }
  }

  /** Stops it in order. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

function childrenOf(pid: number | undefined): number[] {
  if (pid === undefined) return []
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    )
  } catch {
    // It ended between the two looks.
    return []
  }
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return ''
  }
}
