import { type Client, graphql, type ResultOf } from '@vedette/client'
import { findAgent as find } from '../agents/fetch-agents.ts'

const steeredAgents = graphql(`
  query SteeredAgents {
    steered_agents {
      id
      hostname
      labels
      group
      connected
      version
      wanted_version
      upgrade
      standing
      told_at
    }
  }
`)

export type SteeredAgent = ResultOf<typeof steeredAgents>['steered_agents'][number]

export async function fetchAgents(client: Client): Promise<readonly SteeredAgent[]> {
  return (await client.query(steeredAgents)).steered_agents
}

/** @throws {CliError} `not-found`, `ambiguous` */
export async function findAgent(client: Client, text: string): Promise<SteeredAgent> {
  return find(await fetchAgents(client), text, 'There is no such agent')
}
