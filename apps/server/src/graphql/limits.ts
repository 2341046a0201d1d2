import { EnvelopArmorPlugin } from '@escape.tech/graphql-armor'
import { GraphQLError, NoSchemaIntrospectionCustomRule, type ValidationRule } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { mayDo } from '../access/permissions.ts'
import type { Context } from './context.ts'

/** What an operation may be, refused before any resolver runs. Costs are refused by the schema itself: see `builder.ts`. */
export const MAX_DEPTH = 10
export const MAX_ALIASES = 50
export const MAX_BATCH = 10
const MAX_DIRECTIVES = 20
export const MAX_TOKENS = 2000

/** Limits on the shape of operations. */
export function shapeLimits(): Plugin {
  return EnvelopArmorPlugin({
    // As deep as the answer, whatever it is written with.
    maxDepth: { n: MAX_DEPTH, flattenFragments: true, exposeLimits: true },
    // Of any field: an answer is as long with a thousand times `__typename`.
    maxAliases: { n: MAX_ALIASES, allowList: [], exposeLimits: true },
    maxDirectives: { n: MAX_DIRECTIVES, exposeLimits: true },
    maxTokens: { n: MAX_TOKENS, exposeLimits: true },
    blockFieldSuggestion: { enabled: false },
    costLimit: { enabled: false },
  }) as Plugin
}

/** Gives the faults of an operation that does not fit the schema, or these limits, our stable code. */
export function faultCodes(): Plugin {
  return {
    onValidate() {
      return ({ result }) => {
        // Set in place: what else stands there says which HTTP status the answer has.
        for (const { extensions } of Array.isArray(result) ? (result as GraphQLError[]) : []) {
          extensions['code'] = 'bad-input'
        }
      }
    },
  }
}

/** Live values go over a socket: an answer over HTTP would be held open, past the end of its session. */
export function socketsOnly(): Plugin {
  return {
    onSubscribe({ args, setResultAndStopExecution }) {
      const { overSocket } = args.contextValue as { readonly overSocket?: boolean }
      if (overSocket === true) return
      const error = new GraphQLError('Subscriptions need a WebSocket', { extensions: { code: 'bad-input' } })
      setResultAndStopExecution({ errors: [error] })
    },
  }
}

/** Only who may read the schema gets it. */
export function introspectionGuard(): Plugin<Context> {
  return {
    onValidate({ context, addValidationRule }) {
      const permitted = mayDo('Query.__schema', (context as Partial<Context>).viewer)
      if (!permitted) (addValidationRule as (rule: ValidationRule) => void)(NoSchemaIntrospectionCustomRule)
    },
  }
}
