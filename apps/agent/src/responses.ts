import { join } from 'node:path'
import { type Clock, type Logger, parseConfig } from '@vedette/base'
import { readProcessStat } from '@vedette/linux'
import type { AgentId, ResponseRequest, ResponseResult } from '@vedette/model'
import { redactor, Users } from '@vedette/normalise'
import { createResponder, responseSchema } from '@vedette/respond'
import type { AuditLog } from '@vedette/store/audit'
import type { AgentSettings } from './settings.ts'

export interface ResponsesOptions {
  /** Written before anything is done. */
  readonly audit: AuditLog
  readonly clock: Clock
  readonly log: Logger
  /** Told what became of a request, and of the end of a lease. */
  readonly answer: (result: ResponseResult) => void
}

/** The acts that the server may ask for. Disposing of it ends every freeze. */
export interface Responses extends AsyncDisposable {
  respond(request: ResponseRequest): void
}

/** Takes up the leases of a former run. */
export async function openResponses(settings: AgentSettings, options: ResponsesOptions): Promise<Responses> {
  const { audit, clock, log, answer } = options
  await using resources = new AsyncDisposableStack()
  const users = new Users('/etc/passwd', clock)
  const responder = resources.use(
    await createResponder({
      agent: settings.id as AgentId,
      config: parseConfig(responseSchema, settings.config.response ?? {}, 'response'),
      audit,
      leasesFile: join(settings.home, 'leases.json'),
      // Who started the agent, and the agent itself: it must not be talked into ending its own watch.
      protectedRoots: [...settings.own.pids, process.pid].flatMap((pid) => readProcessStat(pid) ?? []),
      clock,
      log,
      userName: (uid) => {
        users.refresh()
        return users.user(uid, false).name ?? String(uid)
      },
      commandLine: (argv) => redactor.command(argv),
      onUndone: answer,
    }),
  )
  const parts = resources.move()
  return {
    respond: (request) => {
      void responder.handle(request).then(answer)
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}
