import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where everything of one house lies. Each part's folder is 0700 and owned by who uses it. */
export interface HomePaths {
  readonly home: string
  /** Held (flock) by the `vedette up` that runs here. */
  readonly lockFile: string
  /** `vedette.yml`, used when it is there and `--config` names no other. */
  readonly configFile: string
  /** Stores, audit log and keys of the server. */
  readonly server: string
  /** Spool, audit log and leases of the agent. */
  readonly agent: string
  readonly agentCredential: string
  /** Key and certificate of a host that was enrolled with a server elsewhere. */
  readonly agentIdentity: string
  /** What the other commands read. */
  readonly operator: string
  readonly cliToken: string
  /** `{url, pid}` of the running instance. */
  readonly endpoint: string
  /** The parts' processes, so that a new start can wait for those of a killed one. */
  readonly partsFile: string
  readonly logs: string
}

export function homePaths(home: string): HomePaths {
  const operator = join(home, 'operator')
  const agent = join(home, 'agent')
  return {
    home,
    lockFile: join(home, 'lock'),
    configFile: join(home, 'vedette.yml'),
    server: join(home, 'server'),
    agent,
    agentCredential: join(agent, 'credential'),
    agentIdentity: join(agent, 'identity.json'),
    operator,
    cliToken: join(operator, 'cli-token'),
    endpoint: join(operator, 'endpoint.json'),
    partsFile: join(operator, 'parts.json'),
    logs: join(operator, 'log'),
  }
}

/**
 * The home folder: `--home`, else VEDETTE_HOME, else `/var/lib/vedette` for root and `$XDG_DATA_HOME/vedette`
 * (`~/.local/share/vedette`) for anybody else. Absolute.
 */
export function chooseHome(
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  uid: number,
): string {
  const named = option ?? env['VEDETTE_HOME']
  if (named !== undefined && named !== '') return resolve(named)
  if (uid === 0) return '/var/lib/vedette'
  const data = env['XDG_DATA_HOME']
  // The XDG base directory specification: a relative path there is invalid and is ignored.
  if (data?.startsWith('/')) return join(data, 'vedette')
  return join(env['HOME'] || homedir(), '.local', 'share', 'vedette')
}
