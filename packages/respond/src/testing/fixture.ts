import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { silentLogger, systemClock } from '@vedette/base'
import { readProcessStat } from '@vedette/linux'
import type { AgentId, ProcessTarget, ResponseId, ResponseRequest, ResponseResult } from '@vedette/model'
import type { AuditEntry } from '../action.ts'
import { responseSchema } from '../config.ts'
import { createResponder, type Responder, type ResponderOptions } from '../responder.ts'

/** A responder over a folder of its own, and the processes that a test starts for it. */
export class Fixture implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'vedette-respond-'))
  readonly audit: AuditEntry[] = []
  readonly undone: ResponseResult[] = []
  readonly #children: ChildProcess[] = []
  #requests = 0

  open(
    config: Parameters<typeof responseSchema.parse>[0] = {},
    options: Partial<ResponderOptions> = {},
  ): Promise<Responder> {
    return createResponder({
      agent: 'agent-1' as AgentId,
      config: responseSchema.parse(config),
      audit: { append: async (entry) => this.audit.push(entry) },
      leasesFile: join(this.folder, 'leases.json'),
      protectedRoots: [],
      clock: systemClock,
      log: silentLogger,
      onUndone: (result) => this.undone.push(result),
      ...options,
    })
  }

  /** Starts a program that is ended with the test. */
  start(file: string, ...args: string[]): ProcessTarget {
    const child = spawn(file, args, { stdio: 'ignore' })
    this.#children.push(child)
    return targetOf(child.pid ?? 0)
  }

  request(
    action: ResponseRequest['action'],
    target: ResponseRequest['target'],
    more: Partial<ResponseRequest> = {},
  ): ResponseRequest {
    this.#requests += 1
    return {
      id: `request-${this.#requests}` as ResponseId,
      action,
      target,
      tree: false,
      execute: true,
      leaseMs: 60_000,
      actor: 'ann',
      reason: 'a test',
      ...more,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    }
    rmSync(this.folder, { recursive: true })
  }
}

export function targetOf(pid: number): ProcessTarget {
  return { pid, startTicks: readProcessStat(pid)?.startTicks ?? -1 }
}

export const stateOf = (pid: number): string | undefined => readProcessStat(pid)?.state

/** Waits until something holds; false when it does not within ten seconds. */
export async function eventually(holds: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 1000 && !holds(); tries += 1) await delay(10)
  return holds()
}
