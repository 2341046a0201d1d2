import { realpathSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { createLogger, type Secret } from '@vedette/base'
import { CgroupBudget, launchCommand } from '@vedette/linux'
import type { LoadedConfig } from '@vedette/manager/config'
import type { AgentReport } from '@vedette/model'
import type { GivenMasterKey } from '@vedette/store/keys'
import type { AgentConfig, AgentMessageLine, AgentOrder, AgentSettingsLine } from '@vedette/agent'
import { listenAddressSchema, type ServerReport, type ServerSettingsLine } from '@vedette/server'
import type { HomePaths } from '../home.ts'
import { AGENT_GRACE_MS, AGENT_SILENCE_MS, agentCommand, agentEnvironment } from './agent-part.ts'
import type { Announcer } from './announcer.ts'
import { type AgentEnd, EndNotes } from './end-notes.ts'
import type { Owner } from './home-folder.ts'
import { withCompiledCode } from './compile-cache.ts'
import { keepIdentity } from './identity.ts'
import { givenMasterKey } from './master-key.ts'
import { writeRunningParts } from './old-parts.ts'
import { Part, type PartFailure } from './part.ts'
import { PartLog } from './part-log.ts'
import { findProgramFiles } from './program-files.ts'
import { keepSecret, newSecret, sha256 } from './secrets.ts'
import { keepRunning } from './supervisor.ts'
import { writeFileInOneStep } from './write-file.ts'

export interface HouseOptions {
  readonly paths: HomePaths
  readonly config: LoadedConfig
  /** In place of the configured one. */
  readonly port: number | undefined
  readonly readyFile: string | undefined
  readonly me: Owner
  readonly serverUser: Owner
  readonly version: string
  readonly announcer: Announcer
}

/** What is left of the 5 s of a stop, once the agent has handed on what it has. */
const SERVER_GRACE_MS = 2700
/** A sensor that the agent started anew has its notes elsewhere; until this is noticed they are not read. */
const END_NOTES_MS = 10_000

/** The two processes of a house on one machine, from their start to their end. */
export class House {
  readonly #options: HouseOptions
  readonly #setupToken: Secret = newSecret()
  readonly #pids = new Map<string, number>()
  readonly #masterKey: GivenMasterKey | undefined
  #url: string | undefined
  #setupNeeded = false
  #watching: AgentReport | undefined
  #connected = false
  #readyTold = false
  #agentFailure: PartFailure | undefined
  #agentEnd: AgentEnd | undefined
  readonly #endNotes = new EndNotes()
  #budget: CgroupBudget | undefined
  #isLimited = false

  constructor(options: HouseOptions) {
    this.#options = options
    this.#masterKey = givenMasterKey(options.config, process.env)
  }

  /**
   * Runs until the signal aborts. Then the agent stops first, so that what it still has reaches the server.
   *
   * @throws {CliError} when a part cannot be kept running
   */
  async run(signal: AbortSignal): Promise<void> {
    const { paths, announcer } = this.#options
    using serverLog = new PartLog(paths.logs, 'server')
    using agentLog = new PartLog(paths.logs, 'agent')
    using upLog = new PartLog(paths.logs, 'up')
    const log = createLogger('info', { write: (line: string) => upLog.write(line.trimEnd()) })
    const files = findProgramFiles()
    const identity = keepIdentity(paths.agent)
    const credential = keepSecret(paths.agentCredential)
    const cliToken = keepSecret(paths.cliToken)

    const server = new Part({
      name: 'server',
      command: () => this.#serverCommand(files),
      settings: () => this.#serverSettings(files, identity, credential, cliToken),
      onMessage: (message) => this.#onServer(message as unknown as ServerReport, agent),
      onLog: (line) => {
        serverLog.write(line)
        announcer.partLog('server', line)
      },
      onStart: (pid) => this.#started('server', pid),
      graceMs: SERVER_GRACE_MS,
    })
    const agent: Part = new Part({
      name: 'agent',
      command: () => agentCommand(files, this.#options),
      settings: () => this.#agentSettings(files, identity, credential),
      onMessage: (message) => this.#onAgent(message as unknown as AgentMessageLine),
      onLog: (line) => {
        agentLog.write(line)
        announcer.partLog('agent', line)
      },
      onStart: (pid) => {
        this.#limit(pid)
        this.#started('agent', pid)
      },
      env: agentEnvironment,
      graceMs: AGENT_GRACE_MS,
      longestSilenceMs: AGENT_SILENCE_MS,
    })

    this.#budget = this.#makeBudget()
    const stopAgent = new AbortController()
    const stopServer = new AbortController()
    const onStop = () => {
      rmSync(paths.endpoint, { force: true })
      announcer.stopping()
      stopAgent.abort()
    }
    signal.addEventListener('abort', onStop, { once: true })
    if (signal.aborted) onStop()
    const killAll = () => {
      agent.kill()
      server.kill()
    }
    process.once('exit', killAll)
    const taking = setInterval(() => this.#takeEndNotes(), END_NOTES_MS)
    const options = {
      log,
      onRestart: (failure: Parameters<Announcer['restarting']>[0]) => {
        if (failure.part === 'agent') {
          this.#agentFailure = failure
          this.#agentEnd = this.#endNotes.of(failure)
        }
        announcer.restarting(failure)
      },
    }
    try {
      const agentRuns = keepRunning(agent, () => this.#watching !== undefined, options, stopAgent.signal)
      const serverRuns = keepRunning(server, () => this.#url !== undefined, options, stopServer.signal)
      // The first to end says why: it was told to stop, or it cannot be kept running.
      const first = await Promise.race([settle(agentRuns), settle(serverRuns)])
      stopAgent.abort()
      const second = await settle(agentRuns)
      stopServer.abort()
      const third = await settle(serverRuns)
      const failed = [first, second, third].find((outcome) => outcome.error !== undefined)
      if (failed !== undefined && !signal.aborted) throw failed.error
      announcer.stopped()
    } finally {
      process.off('exit', killAll)
      clearInterval(taking)
      this.#endNotes[Symbol.dispose]()
      await this.#budget?.[Symbol.asyncDispose]()
      signal.removeEventListener('abort', onStop)
      for (const file of [paths.endpoint, paths.partsFile, this.#options.readyFile]) {
        if (file !== undefined) rmSync(file, { force: true })
      }
    }
  }

  /** The control group that keeps the agent to its budget; nothing where we may make none. */
  #makeBudget(): CgroupBudget | undefined {
    if (this.#options.me.uid !== 0) return undefined
    const { budget } = this.#options.config.values['agent'] as AgentConfig
    const limits = { cpuPercent: budget.cpu_percent, memoryBytes: budget.memory_mib * (1 << 20) }
    return CgroupBudget.create('vedette-agent', limits)
  }

  /** Before the agent gets its settings, and so before it does anything. */
  #limit(pid: number): void {
    try {
      this.#budget?.add(pid)
      this.#isLimited = this.#budget !== undefined
    } catch {
      // It ended at once, or the group is gone: then it has to measure itself.
      this.#isLimited = false
    }
  }

  #serverCommand(files: ReturnType<typeof findProgramFiles>) {
    const { me, serverUser, paths, config } = this.#options
    const drop = me.uid === 0
    const { rules } = config.values['detection'] as { rules: readonly string[] }
    const { ioc_feed_dir: feedFolder } = config.values['threat_intelligence'] as { ioc_feed_dir?: string }
    return launchCommand(
      {
        ...(drop && {
          user: serverUser,
          capabilities: [],
          reachable: [
            ...files.roots,
            paths.server,
            ...[...rules, ...(feedFolder === undefined ? [] : [feedFolder])].flatMap(realPath),
          ],
        }),
        noNewPrivileges: true,
        umask: 0o077,
        workingDirectory: paths.server,
      },
      withCompiledCode(paths.server, drop ? serverUser.uid : me.uid, [process.execPath, files.serverMain]),
    )
  }

  #serverSettings(
    files: ReturnType<typeof findProgramFiles>,
    identity: string,
    credential: Secret,
    cliToken: Secret,
  ): ServerSettingsLine {
    const { paths, config, version } = this.#options
    const { api, detection, threat_intelligence, correlation, response, store, encryption } = config.data
    return {
      version,
      home: paths.server,
      secrets: {
        cliTokenHash: sha256(cliToken),
        agents: [{ id: identity, credentialHash: sha256(credential), hostname: hostname() }],
        setupTokenHash: sha256(this.#setupToken),
        ...(this.#masterKey && { masterKey: this.#masterKey }),
      },
      content: files.content,
      ...(files.console !== undefined && { console: files.console }),
      config: {
        api: { ...(api as ServerSettingsLine['config']['api']), listen: this.#listen() },
        ...(detection !== undefined && { detection: withFullPaths(detection) }),
        ...(threat_intelligence !== undefined && { threat_intelligence }),
        ...(correlation !== undefined && { correlation }),
        ...(response !== undefined && { response }),
        ...(store !== undefined && { store }),
        ...(encryption !== undefined && { encryption }),
      },
      logLevel: config.values['log_level'] as NonNullable<ServerSettingsLine['logLevel']>,
    }
  }

  /** What is configured, with the port that was asked for; once one was given by the system, always that one. */
  #listen(): string {
    const { config, port } = this.#options
    const { listen } = config.values['api'] as { listen: { host: string; port: number } }
    const taken = this.#url === undefined ? undefined : Number(new URL(this.#url).port)
    const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host
    const text = `${host}:${taken ?? port ?? listen.port}`
    listenAddressSchema.parse(text)
    return text
  }

  #agentSettings(
    files: ReturnType<typeof findProgramFiles>,
    identity: string,
    credential: Secret,
  ): AgentSettingsLine {
    const { paths, config, version } = this.#options
    const { agent, collect, normalise, yara, integrity, response, spool, system_metrics, encryption } =
      config.data
    return {
      version,
      id: identity,
      credential: credential.reveal(),
      ...(this.#masterKey && { masterKey: this.#masterKey }),
      home: paths.agent,
      ...(this.#url !== undefined && { serverUrl: this.#url }),
      ...(this.#agentFailure !== undefined && {
        previous: {
          cause: this.#agentFailure.code === 'part-stuck' ? 'stuck' : 'failed',
          detail: this.#agentFailure.message.slice(0, 4000),
          ...(this.#agentEnd !== undefined && { ended_by: this.#agentEnd }),
        },
      }),
      own: { pids: [process.pid], executables: files.roots.map((path) => `${path}/`) },
      isLimited: this.#isLimited,
      config: { agent, collect, normalise, yara, integrity, response, spool, system_metrics, encryption },
      logLevel: config.values['log_level'] as NonNullable<AgentSettingsLine['logLevel']>,
    }
  }

  #takeEndNotes(): void {
    const pid = this.#pids.get('agent')
    if (pid !== undefined && this.#options.me.uid === 0) this.#endNotes.take(pid)
  }

  #started(name: string, pid: number): void {
    this.#pids.set(name, pid)
    writeRunningParts(this.#options.paths.partsFile, this.#pids)
  }

  #onServer(message: ServerReport, agent: Part): void {
    if (message.type !== 'ready') return
    const { paths, announcer } = this.#options
    this.#setupNeeded = message.setupNeeded
    if (this.#url !== message.url) {
      this.#url = message.url
      writeFileInOneStep(paths.endpoint, `${JSON.stringify({ url: message.url, pid: process.pid })}\n`)
      agent.send({ type: 'server', url: message.url } satisfies AgentOrder)
      announcer.serverReady(message.url, this.#setupNeeded ? this.#setupToken : undefined)
    }
    this.#tellReady()
  }

  #onAgent(message: AgentMessageLine): void {
    const { announcer } = this.#options
    switch (message.type) {
      case 'watching':
        this.#watching = message.report
        this.#takeEndNotes()
        announcer.watching(message.report)
        break
      case 'connected':
      case 'disconnected':
        this.#connected = message.type === 'connected'
        break
      case 'stopped':
        announcer.agentStopped(message)
        break
      case 'fatal':
        break
    }
    this.#tellReady()
  }

  /** Once, when the collectors run and the server takes what they see. */
  #tellReady(): void {
    if (this.#readyTold || !this.#connected || !this.#watching || this.#url === undefined) return
    this.#readyTold = true
    const { readyFile, announcer } = this.#options
    if (readyFile !== undefined) {
      const setupToken = this.#setupNeeded ? this.#setupToken.reveal() : null
      writeFileInOneStep(readyFile, `${JSON.stringify({ url: this.#url, pid: process.pid, setupToken })}\n`)
    }
    announcer.ready()
  }
}

/** The section with the paths of rules as seen from here: the server works in a folder of its own. */
function withFullPaths(detection: unknown): unknown {
  const { rules, ...rest } = detection as { readonly rules?: readonly string[] }
  return rules === undefined ? rest : { ...rest, rules: rules.map((path) => resolve(path)) }
}

/** Where a path leads; nothing for one that leads nowhere, which the server then says of the rule. */
function realPath(path: string): string[] {
  try {
    return [realpathSync(path)]
  } catch {
    return []
  }
}

interface Outcome {
  readonly error?: unknown
}

function settle(promise: Promise<void>): Promise<Outcome> {
  return promise.then(
    () => ({}),
    (error: unknown) => ({ error }),
  )
}
