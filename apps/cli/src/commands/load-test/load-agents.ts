import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { enrol, fetchAuthority, newKey } from '@vedette/agent/enrol'
import type { LoadJob } from '@vedette/agent/load'
import { CodedError, Secret } from '@vedette/base'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'
import { addSecret, removeAgent, revokeSecret } from './server-of-load.ts'

/** A server lets in two a second at most, and says so; then it is asked again. */
const ASK_AGAIN_MS = 1000
const ASK_TIMES = 600
const REMOVING_AT_A_TIME = 4

type LoadAgent = LoadJob['agents'][number]

/** Agents that were enrolled for one test. Dispose of it to remove them, whatever happened. */
export class LoadAgents implements AsyncDisposable {
  readonly agents: LoadAgent[] = []
  /** What could not be removed: ids. */
  readonly left: string[] = []
  readonly #invocation: Invocation
  #secret: string | undefined

  constructor(invocation: Invocation) {
    // What was made is removed also after Ctrl-C.
    this.#invocation = { ...invocation, signal: new AbortController().signal }
  }

  /**
   * Enrols so many, by a secret made for them.
   *
   * @throws {CliError} with the server's own code
   */
  async enrol(
    count: number,
    {
      server,
      name,
      signal,
    }: { readonly server?: string; readonly name: string; readonly signal: AbortSignal },
    onEnrolled: (enrolled: number) => void,
  ): Promise<void> {
    const { clock } = this.#invocation
    const made = await addSecret(this.#invocation, count)
    this.#secret = made.id
    const url = server ?? made.server
    if (url === null) {
      throw new CliError('not-open', exitCodes.failure, 'The server does not say where its agents come to')
    }
    const authority = await fetchAuthority(url, made.ca_fingerprint)
    for (let number = 0; number < count && !signal.aborted; number += 1) {
      const hostname = `${name}-${number}`
      const ask = () =>
        enrol({
          server: url,
          authority,
          key: newKey(),
          secret: new Secret(made.secret),
          hostname,
          now: clock.now(),
        })
      const identity = await patiently(ask, signal)
      if (identity === undefined) return
      if ('state' in identity) {
        throw new CliError('not-enrolled', exitCodes.failure, 'The server lets an agent with a secret wait')
      }
      this.agents.push({ identity, hostname, run: randomBytes(8).toString('hex') })
      onEnrolled(this.agents.length)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#secret !== undefined) {
      // One that is used up may be gone already; it lets nobody in either way.
      await revokeSecret(this.#invocation, this.#secret).catch(() => undefined)
      this.#secret = undefined
    }
    const waiting = this.agents.map(({ identity }) => identity.agent)
    const remove = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        const failed = id
        await patiently(() => removeAgent(this.#invocation, failed), this.#invocation.signal).catch(() =>
          this.left.push(failed),
        )
      }
    }
    await Promise.all(Array.from({ length: REMOVING_AT_A_TIME }, remove))
  }
}

/** Tries again as long as the server says that it was too often. Left out when it was given up. */
async function patiently<T>(act: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  for (let times = 0; ; times += 1) {
    try {
      return await act()
    } catch (error) {
      const code = error instanceof CodedError || error instanceof CliError ? error.code : ''
      if (code !== 'rate-limited' || times >= ASK_TIMES) throw error
      await delay(ASK_AGAIN_MS, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return undefined
    }
  }
}
