import swagger from '@fastify/swagger'
import Fastify, { type FastifySchema } from 'fastify'
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type Access, permissions } from '../../access/permissions.ts'
import type { OtherMedia, Route } from '../../http/route.ts'
import { tags } from '../rest-route.ts'

/** An OpenAPI 3.1 document. */
export type OpenApiDocument = Readonly<Record<string, unknown>> & {
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

const about = `Everything here is of the tenant of whoever asks, which the credential says. What may be done, and by whom, stands at each operation.

- Requests with a body are \`application/json\`; keys that are not known are refused.
- Moments are ISO 8601, in answers UTC with milliseconds.
- Lists take \`limit\` (1 to 1000) and \`cursor\`, and answer \`next_cursor\`: null at the end.
- A fault is \`{"error": {"code", "message"}}\`; \`code\` is stable.
- An address may ask 1,200 times a minute, 200 at once; signing in 10 times. Beyond it the answer is 429 with \`Retry-After\`.
- A body has at most 64 KiB where an operation says nothing else.`

const securitySchemes = {
  apiKey: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'vdt_...',
    description: 'A key of a program, made by an admin or of its owner: `Authorization: Bearer vdt_...`.',
  },
  jwt: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A token of a quarter of an hour, made from a key by `POST /auth/token` (EdDSA).',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'vedette',
    description: 'The session of somebody who signed in; over TLS its name is `__Host-vedette`.',
  },
} as const

const signedIn = [{ apiKey: [] }, { jwt: [] }, { session: [] }]

/** What the permissions say of an operation, in OpenAPI's words. */
function securityOf(access: Access | undefined): readonly object[] {
  if (access === 'anyone') return []
  // Nothing is needed from the machine itself.
  return access === 'local' ? [{}, ...signedIn] : signedIn
}

function whoMay(access: Access | undefined): string {
  if (access === 'anyone') return 'Anyone.'
  if (access === 'local') return 'Anyone on the machine itself; from elsewhere whoever is signed in.'
  if (access === 'signed-in') return 'Whoever is signed in.'
  return `Roles: ${(access ?? []).join(', ')}.`
}

/** The document of routes, made from the schemas that hold their requests and answers. No server is started. */
export async function openApiDocument(routes: readonly Route[], version: string): Promise<OpenApiDocument> {
  const app = Fastify()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Vedette', version, description: about },
      tags: tags.map((name) => ({ name })),
      components: { securitySchemes },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
  for (const { method, url, schema } of routes) {
    if (!schema) continue
    const access = permissions[`${method} ${url}`]
    const description = [schema.description, whoMay(access)].filter((text) => text !== undefined).join(' ')
    const described = {
      ...schema,
      description,
      security: securityOf(access),
      response: Object.fromEntries(
        Object.entries(schema.response).map(([status, form]) => [status, withWords(status, form)]),
      ),
    }
    app.route({ method, url, schema: described as unknown as FastifySchema, handler: async () => undefined })
  }
  await app.ready()
  const document = app.swagger() as unknown as OpenApiDocument
  await app.close()
  return withoutUnused(JSON.parse(JSON.stringify(document, inOldWords)) as OpenApiDocument)
}

/** A tuple in words that all generators know: many have never heard of `prefixItems`. */
function inOldWords(_key: string, part: unknown): unknown {
  if (typeof part !== 'object' || part === null || !('prefixItems' in part)) return part
  const { prefixItems, ...rest } = part as { readonly prefixItems: readonly object[] }
  const different = new Map(prefixItems.map((item) => [JSON.stringify(item), item]))
  const [only, second] = different.values()
  const { length } = prefixItems
  return {
    ...rest,
    items: second ? { anyOf: [...different.values()] } : only,
    minItems: length,
    maxItems: length,
  }
}

function withWords(status: string, form: z.ZodType | OtherMedia): OtherMedia {
  if (!(form instanceof z.ZodType)) return form
  const description =
    status === 'default' ? 'A fault.' : status === '200' ? 'Done.' : 'The same, and not well.'
  return { description, content: { 'application/json': { schema: form } } }
}

/** Without schemas that nothing refers to: each form is made twice, as it is sent and as it is taken. */
function withoutUnused(document: OpenApiDocument): OpenApiDocument {
  const { schemas } = document.components
  const used = new Set<string>()
  const look = (part: unknown): void => {
    for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (name === undefined || used.has(name)) continue
      used.add(name)
      look(schemas[name] ?? {})
    }
  }
  look(document.paths)
  const kept = Object.entries(schemas).filter(([name]) => used.has(name))
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(kept) } }
}
