import type { Logger } from '@vedette/base'
import { type DocumentNode, type ExecutionArgs, type GraphQLError, parse } from 'graphql'
import type { SubscribePayload } from 'graphql-ws'
import type { Viewer } from '../access/viewer.ts'
import type { Engine } from './engine.ts'
import { maskError } from './errors.ts'
import { MAX_TOKENS } from './limits.ts'

type Enveloped = ReturnType<Engine['yoga']['getEnveloped']>
type Runner = Pick<Enveloped, 'execute' | 'subscribe'>

/** Makes an operation that came over a socket ready to run within all limits, or says what is wrong with it. */
export async function prepareOperation(
  { yoga }: Engine,
  viewer: Viewer,
  payload: SubscribePayload,
  log: Logger,
): Promise<ExecutionArgs | GraphQLError[]> {
  const { query, operationName, variables } = payload
  const asker = { viewer, overSocket: true }
  // Without a request: nothing of it may count but who opened the socket.
  const { schema, execute, subscribe, contextFactory, validate } = yoga.getEnveloped({
    ...asker,
    params: payload,
  } as never)
  let document: DocumentNode
  try {
    document = parse(query, { maxTokens: MAX_TOKENS })
    const contextValue = await contextFactory(asker)
    // Limits throw what the schema's own rules return.
    const faults = validate(schema, document)
    if (faults.length > 0) return faults.map((fault: GraphQLError) => maskError(fault, log))
    return {
      schema,
      document,
      operationName: operationName ?? null,
      variableValues: variables ?? null,
      contextValue,
      rootValue: { execute, subscribe } satisfies Runner,
    }
  } catch (error) {
    return [maskError(error, log)]
  }
}

/** What runs an operation that was made ready, its plugins with it. */
export function runnerOf({ rootValue }: ExecutionArgs): Runner {
  return rootValue as Runner
}
