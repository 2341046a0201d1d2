import { describe, expect, test } from 'vitest'
import { operationRoute, playgroundRoute } from '../graphql/http.ts'
import { createSchema } from '../graphql/schema.ts'
import { restRoutes } from '../rest/index.ts'
import { permissions, permit } from './permissions.ts'
import type { Viewer } from './viewer.ts'

const schema = createSchema()
const fields = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap(
  (root) => Object.keys(root?.getFields() ?? {}).map((field) => `${root?.name}.${field}`),
)

const viewer = (role: Viewer['role']): Viewer => ({
  tenant: 't' as Viewer['tenant'],
  id: role,
  name: role,
  role,
  credential: { kind: 'token', hash: 'x' },
})

/** What each role may do, written down a second time: to open something takes two edits. */
const mayAct = new Set([
  'Mutation.createIncident',
  'Mutation.assignIncident',
  'Mutation.closeIncident',
  'Mutation.acknowledgeAlert',
  'Mutation.resolveAlert',
  'Mutation.previewResponse',
  'Mutation.executeResponse',
  'Mutation.watchPath',
  'Mutation.addIndicators',
  'Mutation.removeIndicators',
  'Mutation.addAllowEntry',
  'Mutation.removeAllowEntry',
  'Mutation.refreshFeed',
  'Mutation.rollbackFeed',
  'Mutation.createException',
  'Mutation.removeException',
  'POST /indicators/import',
  'POST /rules/backtest',
  'POST /rules/plan',
])
const adminsOnly = new Set([
  'Query.__schema',
  'Query.__type',
  'Mutation.addFeed',
  'Mutation.removeFeed',
  'Mutation.undoRules',
  'Mutation.uninstallRules',
  'POST /rules/install',
  'GET /graphql',
])
const open = new Set(['GET /auth/state', 'POST /auth/setup', 'POST /auth/sign-in', 'GET /*'])
const local = new Set(['GET /health', 'GET /health/:check', 'GET /metrics'])

function may(operation: string, role: Viewer['role'] | 'nobody', fromHere: boolean): boolean {
  try {
    permit(operation, role === 'nobody' ? undefined : viewer(role), fromHere)
    return true
  } catch {
    return false
  }
}

describe('permissions', () => {
  test('every operation of the schema has its line', () => {
    expect(fields.filter((field) => !(field in permissions))).toEqual([])
    expect(fields.length).toBeGreaterThan(20)
  })

  test('every route has its line', () => {
    const routes = [...restRoutes, playgroundRoute(), operationRoute({} as never)]
    expect(
      routes.map(({ method, url }) => `${method} ${url}`).filter((route) => !(route in permissions)),
    ).toEqual([])
    expect(routes.length).toBeGreaterThan(7)
  })

  test('no line is left of an operation that is gone', () => {
    const known = new Set([...fields, 'Query.__schema', 'Query.__type'])
    expect(Object.keys(permissions).filter((name) => /^[QMS]\w+\./.test(name) && !known.has(name))).toEqual(
      [],
    )
  })

  test.each(Object.keys(permissions))('%s is open to the right roles', (operation) => {
    const isOpen = open.has(operation)
    expect(may(operation, 'admin', false)).toBe(true)
    expect(may(operation, 'analyst', false)).toBe(!adminsOnly.has(operation))
    expect(may(operation, 'viewer', false)).toBe(!adminsOnly.has(operation) && !mayAct.has(operation))
    expect(may(operation, 'nobody', false)).toBe(isOpen)
    expect(may(operation, 'nobody', true)).toBe(isOpen || local.has(operation))
  })

  test('what has no line is refused to everybody', () => {
    for (const operation of ['Query.nothing', 'toString', '__proto__']) {
      expect(may(operation, 'admin', true)).toBe(false)
    }
  })
})
