import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLOutputType,
  isInputObjectType,
  isLeafType,
  isObjectType,
} from 'graphql'
import { createSchema } from '../graphql/schema.ts'

const schema = createSchema()

/** An operation that asks for one field of a root type. */
export interface Probe {
  /** As `permissions` names it: `Query.alert`. */
  readonly operation: string
  readonly text: string
}

/** Every field of a type, and of what it leads to, a few steps down. */
function everything(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type)
  if (isLeafType(named)) return ''
  if (!isObjectType(named)) throw new TypeError(`no test for ${named.name}`)
  const fields = Object.values(named.getFields()).flatMap((field) => {
    if (isLeafType(getNamedType(field.type))) return [field.name]
    return depth > 0 ? [`${field.name} ${everything(field.type, depth - 1)}`] : []
  })
  return `{ ${fields.join(' ')} }`
}

/** An argument, with an id of somebody else wherever one is asked for. */
function valueOf(
  argument: GraphQLArgument | { name: string; type: GraphQLArgument['type'] },
  id: string,
): string {
  const type = getNamedType(argument.type)
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(({ name }) => name !== 'alert_id')
    return `{ ${fields.map((field) => `${field.name}: ${valueOf(field, id)}`).join(', ')} }`
  }
  switch (type.name) {
    case 'ID':
      return JSON.stringify(id)
    case 'Int':
      return '10'
    case 'Float':
      return '1'
    case 'Boolean':
      return 'true'
    case 'DateTime':
      return '"2026-11-20T08:00:00.000Z"'
    case 'Severity':
      return '"high"'
    default:
      return { action: '"freeze"', path: '"/tmp/x"', verdict: '"benign"' }[argument.name] ?? '"x"'
  }
}

function operation(
  kind: string,
  field: GraphQLField<unknown, unknown>,
  id: string,
  given: readonly GraphQLArgument[],
) {
  const args = given.map((argument) => `${argument.name}: ${valueOf(argument, id)}`).join(', ')
  return `${kind} { ${field.name}${args && `(${args})`} ${everything(field.type, 1)} }`
}

/** One operation for each field, each of its id arguments, and each id. Made from the schema: a new field is asked too. */
export function probesOf(kind: 'query' | 'mutation' | 'subscription', ids: readonly string[]): Probe[] {
  const root = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  }[kind]
  return Object.values(root?.getFields() ?? {}).flatMap((field) => {
    const required = field.args.filter((argument) => String(argument.type).endsWith('!'))
    const byId = field.args.filter(
      ({ type }) => getNamedType(type).name === 'ID' && !String(type).endsWith('!'),
    )
    return ids.flatMap((id) =>
      [required, ...byId.map((argument) => [...required, argument])].map((given) => ({
        operation: `${root?.name}.${field.name}`,
        text: operation(kind, field, id, given),
      })),
    )
  })
}
