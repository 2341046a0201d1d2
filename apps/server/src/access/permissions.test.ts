import { type Role, roles } from '@vedette/store'
import { describe, expect, test } from 'vitest'
import { operationRoute, playgroundRoute } from '../graphql/http.ts'
import { createSchema } from '../graphql/schema.ts'
import { agentRoutes } from '../rest/enrolment/index.ts'
import { restRoutes } from '../rest/index.ts'
import { isScope, permissions, permit } from './permissions.ts'
import type { Viewer } from './viewer.ts'

const schema = createSchema()
const fields = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap(
  (root) => Object.keys(root?.getFields() ?? {}).map((field) => `${root?.name}.${field}`),
)

const viewer = (role: Role, operations?: readonly string[]): Viewer => ({
  tenant: 't' as Viewer['tenant'],
  organisation: 't' as Viewer['tenant'],
  id: role,
  name: role,
  role,
  ...(operations && { operations }),
  credential: { kind: 'token', hash: 'x' },
})

/**
 * Who may do what changes or shows more than the rest, written down a second time: to open something takes two edits. A
 * letter for each role: Analyst, Responder, Engineer, aDmin, aUditor. What is not here, every role may do.
 */
const narrower: Readonly<Record<string, string>> = {
  'Mutation.createIncident': 'ARD',
  'Mutation.assignIncident': 'ARD',
  'Mutation.closeIncident': 'ARD',
  'Mutation.acknowledgeAlert': 'ARD',
  'Mutation.resolveAlert': 'ARD',
  'Mutation.previewResponse': 'ARD',
  'Mutation.executeResponse': 'RD',
  'Mutation.watchPath': 'RD',
  'Mutation.addIndicators': 'ED',
  'Mutation.removeIndicators': 'ED',
  'Mutation.addAllowEntry': 'ED',
  'Mutation.removeAllowEntry': 'ED',
  'Query.plan_agent_group': 'ED',
  'Mutation.publishAgentContent': 'ED',
  'Mutation.putAgentGroup': 'D',
  'Mutation.removeAgentGroup': 'D',
  'Mutation.labelAgent': 'D',
  'Mutation.rollOutAgentGroup': 'D',
  'Mutation.stopAgentRollOut': 'D',
  'Mutation.rollBackAgentGroup': 'D',
  'Mutation.addFeed': 'ED',
  'Mutation.removeFeed': 'ED',
  'Mutation.refreshFeed': 'ED',
  'Mutation.rollbackFeed': 'ED',
  'Mutation.undoRules': 'ED',
  'Mutation.uninstallRules': 'ED',
  'Mutation.createException': 'ARED',
  'Mutation.removeException': 'ARED',
  'DELETE /api/agents/:id': 'D',
  'POST /api/agents/:id/move': 'D',
  'GET /api/keys': 'DU',
  'POST /api/keys/rotate': 'D',
  'POST /api/agents/:id/approve': 'D',
  'POST /api/agents/:id/refuse': 'D',
  'GET /api/agents/secrets': 'D',
  'POST /api/agents/secrets': 'D',
  'DELETE /api/agents/secrets/:id': 'D',
  'PUT /api/config/groups/:name': 'D',
  'DELETE /api/config/groups/:name': 'D',
  'POST /api/config/groups/:name/plan': 'ED',
  'POST /api/config/groups/:name/roll-out': 'D',
  'POST /api/config/groups/:name/stop': 'D',
  'POST /api/config/groups/:name/roll-back': 'D',
  'POST /api/events': 'ED',
  'POST /api/ioc': 'ED',
  'POST /api/ioc/import': 'ED',
  'DELETE /api/ioc/:id': 'ED',
  'POST /api/alerts/:id/acknowledge': 'ARD',
  'POST /api/alerts/:id/resolve': 'ARD',
  'POST /api/rules/backtest': 'ARED',
  'POST /api/rules/plan': 'ARED',
  'POST /api/rules/install': 'ED',
  'GET /api/users': 'DU',
  'GET /api/users/:name': 'DU',
  'POST /api/users': 'D',
  'PUT /api/users/:name/role': 'D',
  'POST /api/users/:name/disable': 'D',
  'POST /api/users/:name/enable': 'D',
  'POST /api/users/:name/reset': 'D',
  'POST /api/users/:name/sessions/end': 'D',
  'DELETE /api/users/:name': 'D',
  'GET /api/organizations': 'DU',
  'GET /api/tenants': 'DU',
  'POST /api/tenants': 'D',
  'PUT /api/tenants/:id': 'D',
  'GET /auth/api-keys': 'DU',
  'POST /auth/api-keys': 'D',
  'DELETE /auth/api-keys/:id': 'D',
  'Query.person_holdings': 'D',
  'Query.tenant_holdings': 'D',
  'Query.person_export': 'D',
  'Mutation.erasePerson': 'D',
  'Mutation.eraseTenant': 'D',
  'Query.accounts': 'DU',
  'Query.account_sessions': 'DU',
  'Query.tenants': 'DU',
  'Query.api_keys': 'DU',
  'Query.identity_providers': 'DU',
  'Query.custom_roles': 'DU',
  'Query.test_role': 'DU',
  'Query.organisations': 'DU',
  'Mutation.setIdentityProvider': 'D',
  'Mutation.removeIdentityProvider': 'D',
  'Mutation.setCustomRole': 'D',
  'Mutation.removeCustomRole': 'D',
  'Mutation.addOrganisation': 'D',
  'Mutation.addUser': 'D',
  'Mutation.setUserRole': 'D',
  'Mutation.disableUser': 'D',
  'Mutation.enableUser': 'D',
  'Mutation.removeUser': 'D',
  'Mutation.resetUser': 'D',
  'Mutation.endSessions': 'D',
  'Mutation.addTenant': 'D',
  'Mutation.renameTenant': 'D',
  'Mutation.createApiKey': 'D',
  'Mutation.revokeApiKey': 'D',
  'Query.__schema': 'D',
  'Query.__type': 'D',
  'GET /graphql': 'D',
}
const letters: Readonly<Record<Role, string>> = {
  viewer: 'V',
  analyst: 'A',
  responder: 'R',
  engineer: 'E',
  admin: 'D',
  auditor: 'U',
}
const open = new Set([
  'GET /auth/state',
  'POST /auth/setup',
  'POST /auth/sign-in',
  'POST /auth/provider/begin',
  'GET /auth/provider/callback',
  'POST /auth/passkey/begin',
  'POST /auth/passkey/sign-in',
  'POST /agent/v1/enroll',
  'POST /agent/v1/renew',
  'GET /*',
])
const local = new Set(['GET /health', 'GET /health/:check', 'GET /metrics'])
/** What changes only what belongs to whoever asks. */
const ownThings = new Set([
  'POST /auth/sign-out',
  'POST /auth/password',
  'POST /auth/sessions/end',
  'POST /auth/tenant',
  'POST /auth/second-factor/begin',
  'POST /auth/second-factor/confirm',
  'POST /auth/second-factor/remove',
  'POST /auth/token',
  'POST /auth/passkeys/begin',
  'POST /auth/passkeys/finish',
  'POST /auth/passkeys/remove',
  'POST /auth/keys',
  'POST /auth/keys/revoke',
  'POST /graphql',
])

function may(operation: string, who: Viewer | undefined, fromHere: boolean): boolean {
  try {
    permit(operation, who, fromHere)
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
    const routes = [...restRoutes, ...agentRoutes, playgroundRoute(), operationRoute({} as never)]
    expect(
      routes.map(({ method, url }) => `${method} ${url}`).filter((route) => !(route in permissions)),
    ).toEqual([])
    expect(routes.length).toBeGreaterThan(7)
  })

  test('no line is left of an operation that is gone', () => {
    const known = new Set([...fields, 'Query.__schema', 'Query.__type'])
    const left = [...Object.keys(permissions), ...Object.keys(narrower)]
    expect(left.filter((name) => /^[QMS]\w+\./.test(name) && !known.has(name))).toEqual([])
    expect(Object.keys(narrower).filter((name) => !(name in permissions))).toEqual([])
  })

  test.each(Object.keys(permissions))('%s is open to the right roles', (operation) => {
    const isOpen = open.has(operation)
    for (const role of roles) {
      const expected = narrower[operation]?.includes(letters[role]) ?? true
      expect(may(operation, viewer(role), false), role).toBe(expected)
    }
    expect(may(operation, undefined, false)).toBe(isOpen)
    expect(may(operation, undefined, true)).toBe(isOpen || local.has(operation))
  })

  test('viewers and auditors change nothing', () => {
    const changing = Object.keys(permissions).filter((name) =>
      /^(?:Mutation\.|POST |DELETE |PUT )/.test(name),
    )
    for (const role of ['viewer', 'auditor'] as const) {
      const mayChange = changing.filter((name) => may(name, viewer(role), false))
      expect(mayChange.filter((name) => !open.has(name) && !ownThings.has(name))).toEqual([])
    }
  })

  test('what has no line is refused to everybody', () => {
    for (const operation of ['Query.nothing', 'toString', '__proto__']) {
      for (const role of roles) expect(may(operation, viewer(role), true)).toBe(false)
    }
  })

  test('a key does what it is for, and never more than its role', () => {
    const key = viewer('analyst', ['Query.*', 'Mutation.acknowledgeAlert', 'Mutation.executeResponse'])
    expect(may('Query.alert', key, false)).toBe(true)
    expect(may('Mutation.acknowledgeAlert', key, false)).toBe(true)
    expect(may('POST /graphql', key, false)).toBe(true)
    expect(may('Mutation.executeResponse', key, false)).toBe(false)
    expect(may('Mutation.resolveAlert', key, false)).toBe(false)
    expect(may('GET /api/ioc/export', key, false)).toBe(false)
    expect(may('Query.alert', viewer('admin', []), false)).toBe(false)
    expect(may('POST /graphql', viewer('admin', ['GET /api/ioc*']), false)).toBe(false)
    expect([isScope('Query.*'), isScope('GET /api/ioc/export'), isScope('Query.nothing')]).toEqual([
      true,
      true,
      false,
    ])
  })
})
