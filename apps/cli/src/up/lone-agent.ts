import { createLogger } from '@vedette/base'
import { type AgentMessageLine, type AgentSettingsLine, readIdentity } from '@vedette/agent'
import { CgroupBudget, lockFile } from '@vedette/linux'
import type { AgentConfig } from '@vedette/agent'
import { CliError } from '../cli-error.ts'
import type { Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { version } from '../version.ts'
import { AGENT_GRACE_MS, AGENT_SILENCE_MS, agentCommand, agentEnvironment } from './agent-part.ts'
import { Announcer } from './announcer.ts'
import { configure } from './configure.ts'
import { prepareHome, preparePartFolder } from './home-folder.ts'
import { givenMasterKey } from './master-key.ts'
import { Part, type PartFailure } from './part.ts'
import { PartLog } from './part-log.ts'
import { findProgramFiles } from './program-files.ts'
import { keepRunning } from './supervisor.ts'
import { Upgrade } from './upgrade.ts'

export interface AgentOptions {
  readonly config?: string
}

/** `vedette agent`: watches this machine for a server elsewhere, with the certificate of its enrolment. */
export async function agent(invocation: Invocation, options: AgentOptions): Promise<ExitCode> {
  const { paths, terminal, signal } = invocation
  const me = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const announcer = new Announcer(invocation, version())
  const config = configure(paths, options.config, terminal.env)
  const masterKey = givenMasterKey(config, terminal.env)
  prepareHome(paths, me)
  const identity = readIdentity(paths.agentIdentity)
  using lock = lockFile(paths.lockFile)
  if (lock === undefined) {
    throw new CliError(
      'already-running',
      exitCodes.failure,
      `Vedette already runs in ${paths.home}`,
      'Stop it, or name another folder with --home DIR',
    )
  }
  preparePartFolder(paths.agent, me, me)
  preparePartFolder(paths.operator, me, me)
  announcer.begin(config.warnings)

  using agentLog = new PartLog(paths.logs, 'agent')
  using upLog = new PartLog(paths.logs, 'up')
  const log = createLogger('info', { write: (line: string) => upLog.write(line.trimEnd()) })
  const files = findProgramFiles()
  const { budget, upgrade_command: upgradeCommand } = config.values['agent'] as AgentConfig
  const upgrade = new Upgrade(upgradeCommand, log, (message) => announcer.upgrade(message))
  const limits = { cpuPercent: budget.cpu_percent, memoryBytes: budget.memory_mib * (1 << 20) }
  await using group = me.uid === 0 ? CgroupBudget.create('vedette-agent', limits) : undefined
  let isLimited = false
  let isWatching = false
  let failure: PartFailure | undefined
  const part = new Part({
    name: 'agent',
    command: () => agentCommand(files, { me, paths, config }),
    settings: (): AgentSettingsLine => {
      const { agent, collect, normalise, yara, integrity, response, spool, system_metrics, encryption } =
        config.data
      return {
        version: version(),
        id: identity.agent,
        credential: { identityFile: paths.agentIdentity },
        ...(masterKey && { masterKey }),
        home: paths.agent,
        serverUrl: identity.server,
        ...(failure !== undefined && {
          previous: {
            cause: failure.code === 'part-stuck' ? 'stuck' : 'failed',
            detail: failure.message.slice(0, 4000),
          },
        }),
        own: { pids: [process.pid], executables: files.roots.map((path) => `${path}/`) },
        isLimited,
        origins: Object.fromEntries(config.origins),
        config: { agent, collect, normalise, yara, integrity, response, spool, system_metrics, encryption },
        logLevel: config.values['log_level'] as NonNullable<AgentSettingsLine['logLevel']>,
      }
    },
    onMessage: (line) => {
      const message = line as unknown as AgentMessageLine
      if (message.type === 'watching') {
        isWatching = true
        announcer.watchingFor(identity.server, message.report)
      } else if (message.type === 'connected' || message.type === 'disconnected') {
        announcer.line(message.type === 'connected', identity.server)
      } else if (message.type === 'renew') {
        failure = undefined
        announcer.renewed()
      } else if (message.type === 'upgrade') upgrade.wanted(message.version)
      else if (message.type === 'stopped') announcer.agentStopped(message)
    },
    onLog: (line) => {
      agentLog.write(line)
      announcer.partLog('agent', line)
    },
    onStart: (pid) => {
      try {
        group?.add(pid)
        isLimited = group !== undefined
      } catch {
        // It ended at once, or the group is gone: then it has to measure itself.
        isLimited = false
      }
    },
    env: agentEnvironment,
    graceMs: AGENT_GRACE_MS,
    longestSilenceMs: AGENT_SILENCE_MS,
  })
  const kill = () => part.kill()
  process.once('exit', kill)
  const onStop = () => announcer.stopping()
  signal.addEventListener('abort', onStop, { once: true })
  try {
    const onRestart = (ended: PartFailure) => {
      failure = ended
      announcer.restarting(ended)
    }
    await keepRunning(part, () => isWatching, { log, onRestart }, signal)
  } finally {
    process.off('exit', kill)
    signal.removeEventListener('abort', onStop)
  }
  announcer.stopped()
  return exitCodes.ok
}
