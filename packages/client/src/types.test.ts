import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, expectTypeOf, test } from 'vitest'
import type { Client } from './client.ts'
import { graphql, type ResultOf, type VariablesOf } from './graphql.ts'

test('what is generated is that of schema.graphql and of the routes', () => {
  const script = fileURLToPath(new URL('../../../scripts/generate-client.ts', import.meta.url))
  const run = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
  expect(run.stderr).toBe('')
  expect(run.status).toBe(0)
})

test('graphql() knows the types of variables and answer', () => {
  const alert = graphql(`
    query Alert($id: ID!) {
      alert(id: $id) {
        id
        severity
        verdict
        matches {
          start
        }
      }
    }
  `)
  expectTypeOf<VariablesOf<typeof alert>>().toEqualTypeOf<{ id: string }>()
  type Severity = NonNullable<ResultOf<typeof alert>['alert']>['severity']
  expectTypeOf<Severity>().toEqualTypeOf<'informational' | 'low' | 'medium' | 'high' | 'critical'>()
  const calls = (client: Client) => [
    client.query(
      graphql(`
        {
          hosts {
            id
          }
        }
      `),
    ),
    client.query(alert, { id: 'a' }),
    // @ts-expect-error -- $id must be given
    client.query(alert),
  ]
  expect(calls).toBeTypeOf('function')
  expect(alert.definitions).toHaveLength(1)
})
