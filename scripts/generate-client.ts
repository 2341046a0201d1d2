import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { minifyIntrospection, preprocessIntrospection } from '@gql.tada/internal'
import { buildSchema, introspectionFromSchema } from 'graphql'

const schemaFile = fileURLToPath(new URL('../packages/client/src/schema.graphql', import.meta.url))
const generatedFile = fileURLToPath(
  new URL('../packages/client/src/generated/introspection.ts', import.meta.url),
)

/** The types that gql.tada reads, for a schema in SDL. Made here since gql.tada's own CLI needs an older TypeScript. */
function clientTypes(sdl: string): string {
  const introspection = introspectionFromSchema(buildSchema(sdl), { descriptions: false })
  return [
    '// Made from schema.graphql by `node scripts/generate-client.ts`. Do not edit.',
    `export type introspection = ${preprocessIntrospection(minifyIntrospection(introspection))}`,
    '',
  ].join('\n')
}

const types = clientTypes(readFileSync(schemaFile, 'utf8'))
if (!process.argv.includes('--check')) {
  writeFileSync(generatedFile, types)
} else if (readFileSync(generatedFile, 'utf8') !== types) {
  console.error('packages/client/src/generated is not current: run `node scripts/generate-client.ts`')
  process.exitCode = 1
}
