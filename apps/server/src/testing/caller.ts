import type { Event } from '@vedette/model'
import type { TestAgent } from './test-agent.ts'
import type { TestServer } from './test-server.ts'

/** An answer of the API as it stands on the wire. */
export interface Answer {
  readonly data?: Record<string, never> | null
  readonly errors?: readonly {
    readonly message: string
    readonly extensions: { readonly code: string }
  }[]
}

export function codesOf({ errors }: Answer): string[] | undefined {
  return errors?.map(({ extensions }) => extensions.code)
}

/** Calls a test's server, and has attacks happen on its host. */
export class Caller {
  readonly #server: TestServer
  readonly #agent: TestAgent
  #sequence = 0
  #attacks = 0

  constructor(server: TestServer, agent: TestAgent) {
    this.#server = server
    this.#agent = agent
  }

  /** One operation, or a batch of them; as `cli` unless another token is given. */
  async ask(query: unknown, variables: object = {}, token = this.#server.cliToken): Promise<Answer> {
    const response = await fetch(`${this.#server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(Array.isArray(query) ? query : { query, variables }),
    })
    return (await response.json()) as Answer
  }

  /** Stores events in a batch of their own. */
  async store(...events: readonly Event[]): Promise<void> {
    this.#sequence += 1
    await this.#agent.store(this.#sequence - 1, events)
  }

  /** A launch on which the tests' rule fires; it is stored, and so is its alert, when this resolves. */
  async attack(
    command = `attack-of-the-tests-${(this.#attacks += 1)}`,
    pid?: number,
    ancestors?: readonly number[],
  ): Promise<void> {
    await this.store(this.#agent.launch(command, pid, ancestors))
  }

  /** An alert that there was not before. */
  async newAlert(): Promise<string> {
    const command = `attack-of-the-tests-${(this.#attacks += 1)}`
    await this.attack(command)
    const { data } = await this.ask(
      'query ($s: String) { analytics_alerts(search: $s) { id process { cmd_line } } }',
      {
        s: command,
      },
    )
    const { analytics_alerts: alerts } = data as unknown as {
      analytics_alerts: { id: string; process: { cmd_line: string } }[]
    }
    const alert = alerts.find(({ process }) => process.cmd_line === command)
    if (!alert) throw new TypeError(`no alert of ${command}`)
    return alert.id
  }
}
