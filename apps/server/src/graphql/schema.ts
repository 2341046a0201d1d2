import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql'
import { permit } from '../access/permissions.ts'
import { alerts } from './alert/index.ts'
import { alertParts } from './alert/types.ts'
import { analytics } from './analytics/index.ts'
import { createBuilder, type Resource } from './builder.ts'
import type { Context } from './context.ts'
import { events } from './event/index.ts'
import { feeds } from './feed/index.ts'
import { fleet } from './fleet/index.ts'
import { health } from './health/index.ts'
import { hosts } from './host/index.ts'
import { indicators } from './indicator/index.ts'
import { incidents } from './incident/index.ts'
import { integrity } from './integrity/index.ts'
import { network } from './network/index.ts'
import { overview } from './overview/index.ts'
import { people } from './people/index.ts'
import { privacy } from './privacy/index.ts'
import { responses } from './response/index.ts'
import { exceptions } from './rule/exceptions.ts'
import { rules } from './rule/index.ts'
import { scalars } from './scalars.ts'
import { sessions } from './session/index.ts'
import { users } from './user/index.ts'

/** Every noun of the API. A new one is a folder here, a line here, and its operations in `access/permissions.ts`. */
const resources: readonly Resource[] = [
  scalars,
  users,
  people,
  overview,
  events,
  alertParts,
  alerts,
  incidents,
  analytics,
  health,
  hosts,
  network,
  sessions,
  integrity,
  responses,
  indicators,
  feeds,
  fleet,
  rules,
  exceptions,
  privacy,
]

/** The schema of the API, every operation of it behind its permission. */
export function createSchema(): GraphQLSchema {
  const builder = createBuilder()
  builder.queryType()
  builder.mutationType()
  builder.subscriptionType()
  for (const resource of resources) resource(builder)
  const schema = builder.toSchema({ sortSchema: false })
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    if (root) guard(root)
  }
  return schema
}

/** Puts the permission before each operation of a root type; for a subscription before it starts. */
function guard(root: GraphQLObjectType): void {
  for (const field of Object.values(root.getFields())) {
    const operation = `${root.name}.${field.name}`
    const guarded =
      (inner: GraphQLFieldResolver<unknown, Context>): GraphQLFieldResolver<unknown, Context> =>
      (source, args: unknown, context, info) => {
        permit(operation, context.viewer, false)
        return inner(source, args, context, info)
      }
    if (field.subscribe) field.subscribe = guarded(field.subscribe)
    else field.resolve = guarded(field.resolve ?? defaultFieldResolver)
  }
}
