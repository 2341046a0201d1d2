/**
 * Writes what the client is made of: the types of the GraphQL schema, the OpenAPI document, and the REST operations that
 * a public generator makes from it. With `--check` it writes nothing and fails where a file is not current.
 *
 *     node scripts/generate-client.ts [--check]
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { minifyIntrospection, preprocessIntrospection } from '@gql.tada/internal'
import { buildSchema, introspectionFromSchema } from 'graphql'
import { generateSource } from 'oazapfts'
import { openApiDocument } from '../apps/server/src/rest/document/open-api.ts'
import { restRoutes } from '../apps/server/src/rest/index.ts'

const pathOf = (file: string) => fileURLToPath(new URL(`../packages/client/${file}`, import.meta.url))
const documentFile = pathOf('src/generated/openapi.json')

/** The types that gql.tada reads, for a schema in SDL. Made here since gql.tada's own CLI needs an older TypeScript. */
function clientTypes(sdl: string): string {
  const introspection = introspectionFromSchema(buildSchema(sdl), { descriptions: false })
  return [
    '// Made from schema.graphql by `node scripts/generate-client.ts`. Do not edit.',
    `export type introspection = ${preprocessIntrospection(minifyIntrospection(introspection))}`,
    '',
  ].join('\n')
}

/** Writes a file, or complains where it is another. */
function settle(path: string, text: string): void {
  if (!process.argv.includes('--check')) return writeFileSync(path, text)
  if (readFileSync(path, 'utf8') === text) return
  console.error(`${path} is not current: run \`node scripts/generate-client.ts\``)
  process.exitCode = 1
}

settle(
  pathOf('src/generated/introspection.ts'),
  clientTypes(readFileSync(pathOf('src/schema.graphql'), 'utf8')),
)
// Its version is that of the API, which has had one only; a server tells its own at /api/openapi.json.
settle(documentFile, `${JSON.stringify(await openApiDocument(restRoutes, '1'), null, 1)}\n`)
settle(
  pathOf('src/generated/rest.ts'),
  `// @ts-nocheck -- the generator knows nothing of exactOptionalPropertyTypes
${await generateSource(documentFile, { argumentStyle: 'object', useUnknown: true })}`,
)
