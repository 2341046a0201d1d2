import { launchCommand } from '@vedette/linux'
import type { LoadedConfig } from '@vedette/manager/config'
import type { HomePaths } from '../home.ts'
import { agentRights } from './agent-rights.ts'
import { withCompiledCode } from './compile-cache.ts'
import type { Owner } from './home-folder.ts'
import type { CommandLine } from './part.ts'
import type { findProgramFiles } from './program-files.ts'

/** A stop must be over within 5 s: the agent hands on what it has. */
export const AGENT_GRACE_MS = 2000
/** With the time that a start takes it watches again within 10 s. */
export const AGENT_SILENCE_MS = 6500

/** Otherwise each thread of the C library keeps memory of its own. */
export const agentEnvironment = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' }

/** How the agent is started: with the rights that it needs and no others. */
export function agentCommand(
  files: ReturnType<typeof findProgramFiles>,
  { me, paths, config }: { readonly me: Owner; readonly paths: HomePaths; readonly config: LoadedConfig },
): CommandLine {
  const { packet } = config.values['collect'] as { packet: { enabled: boolean } }
  return launchCommand(
    {
      ...(me.uid === 0 && { capabilities: agentRights(packet.enabled) }),
      noNewPrivileges: true,
      umask: 0o077,
      workingDirectory: paths.agent,
    },
    withCompiledCode(paths.agent, me.uid, [
      process.execPath,
      // An agent is a guest on its host: it trades some speed of its code for memory.
      '--optimize-for-size',
      '--v8-pool-size=1',
      '--max-semi-space-size=2',
      '--max-old-space-size=80',
      files.agentMain,
    ]),
  )
}
