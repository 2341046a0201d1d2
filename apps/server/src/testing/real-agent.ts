import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { TestHost } from './test-host.ts'

const main = fileURLToPath(new URL('../../../agent/src/main.ts', import.meta.url))

/** What the agent of a test looks at: little, so that many may run on one machine. */
const QUIET = {
  collect: {
    kernel: 'proc-poll',
    file: { paths: [] },
    inventory: { enabled: false },
    usage: { enabled: false },
    packet: { enabled: false },
    fanotify: { enabled: false },
  },
  integrity: { enabled: false },
  yara: { watch_paths: [], on_exec: false, engine: 'wasm', built_in_rules: false },
}

/** A real agent in a process of its own, with a real certificate, kept running as its supervisor does. */
export class RealAgent implements AsyncDisposable {
  #settings: object
  #child: ChildProcess | undefined
  #isStopping = false
  #running: Promise<void> | undefined
  /** Starts so far. */
  starts = 0
  /** Told once of each start that watches. */
  onWatching: () => void = () => undefined
  readonly messages: Record<string, unknown>[] = []

  private constructor(settings: object) {
    this.#settings = settings
  }

  /** @param config sections laid over those of a quiet agent */
  static start(
    folder: string,
    {
      host,
      server,
      authority,
      tenant,
    }: { host: TestHost; server: string; authority: string; tenant: string },
    config: object = {},
    more: object = {},
  ): RealAgent {
    const home = join(folder, host.agent)
    mkdirSync(home, { mode: 0o700 })
    const identityFile = join(home, 'identity.json')
    const { agent, key, certificate } = host
    const identity = { server, agent, tenant, key, certificate, authority, obtained_at: Date.now() }
    writeFileSync(identityFile, JSON.stringify(identity))
    chmodSync(identityFile, 0o600)
    const settings = {
      version: '1.0.0',
      id: agent,
      credential: { identityFile },
      home,
      serverUrl: server,
      config: { ...QUIET, ...config },
      logLevel: 'warn',
      ...more,
    }
    const started = new RealAgent(settings)
    started.#running = started.#keepRunning()
    return started
  }

  /** As a crash of its own would. */
  kill(): void {
    this.#child?.kill('SIGKILL')
  }

  /** Comes back with other settings. */
  become(settings: object): void {
    this.#settings = { ...this.#settings, ...settings }
    this.#child?.stdin?.end()
  }

  async #keepRunning(): Promise<void> {
    while (!this.#isStopping) {
      const child = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'ignore'] })
      this.#child = child
      this.starts += 1
      child.stdin.on('error', () => undefined)
      child.stdin.write(`${JSON.stringify(this.#settings)}\n`)
      createInterface({ input: child.stdout }).on('line', (line) => {
        const message = JSON.parse(line) as Record<string, unknown>
        if (message['type'] !== 'alive') this.messages.push(message)
        if (message['type'] === 'watching') this.onWatching()
      })
      await once(child, 'close')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true
    this.#child?.stdin?.end()
    await this.#running
  }
}
