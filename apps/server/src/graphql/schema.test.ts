import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { buildSchema, lexicographicSortSchema, printSchema } from 'graphql'
import { expect, test } from 'vitest'
import { createSchema } from './schema.ts'

const client = dirname(createRequire(import.meta.url).resolve('@vedette/client'))

test('the schema is the one of schema.graphql, word for word', () => {
  const contract = buildSchema(readFileSync(join(client, 'schema.graphql'), 'utf8'))
  const normal = (schema: Parameters<typeof printSchema>[0]) => printSchema(lexicographicSortSchema(schema))
  expect(normal(createSchema())).toBe(normal(contract))
})
