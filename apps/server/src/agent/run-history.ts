import type { AgentName } from '../authority/agent-name.ts'

/** Runs that are remembered of an agent. */
const MAX_RUNS = 64
/** Agents of which runs are remembered; the one that came longest ago is forgotten. */
const MAX_AGENTS = 20_000

interface Runs {
  current: string
  /** Runs that another one took the place of. */
  readonly former: Set<string>
  readonly refused: Set<string>
}

/**
 * Tells one agent that was started anew from two that share an identity. A run is random and new at each start, so one that
 * was replaced by another never comes back; when it does, both are alive. The one that was there first stays.
 */
export class RunHistory {
  readonly #agents = new Map<string, Runs>()

  /** `cloned`: this is seen now, and the run that stands is refused from now on. `refused`: it was seen before. */
  came({ tenant, agent }: AgentName, run: string): 'welcome' | 'cloned' | 'refused' {
    const key = `${tenant}/${agent}`
    const runs = this.#agents.get(key) ?? { current: run, former: new Set(), refused: new Set() }
    this.#agents.delete(key)
    this.#agents.set(key, runs)
    const [oldest] = this.#agents.keys()
    if (this.#agents.size > MAX_AGENTS && oldest !== undefined) this.#agents.delete(oldest)
    if (runs.refused.has(run)) return 'refused'
    if (run === runs.current) return 'welcome'
    const isBack = runs.former.delete(run)
    remember(isBack ? runs.refused : runs.former, runs.current)
    runs.current = run
    return isBack ? 'cloned' : 'welcome'
  }
}

function remember(runs: Set<string>, run: string): void {
  runs.add(run)
  const [oldest] = runs
  if (runs.size > MAX_RUNS && oldest !== undefined) runs.delete(oldest)
}
