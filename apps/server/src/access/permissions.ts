import { type Role, roles } from '@vedette/store'
import type { Viewer } from './viewer.ts'
import { PublicError } from './public-error.ts'

/**
 * Who may do an operation. `anyone` needs no sign-in. `local` needs none from this machine itself, and any role from
 * elsewhere. `signed-in` is what is one's own: any role, also a custom one. Of what lists roles, a custom role may do what
 * its policies allow.
 */
export type Access = 'anyone' | 'local' | 'signed-in' | readonly Role[]

const everyRole = roles
/** Work on alerts and incidents. */
const whoWorksCases = ['analyst', 'responder', 'admin'] as const
/** Do something on a host. */
const whoActs = ['responder', 'admin'] as const
/** Decide what is detected. */
const whoEngineers = ['engineer', 'admin'] as const
/** Keep alerts silent, or try what would be: cases and rules meet here. */
const whoTunes = ['analyst', 'responder', 'engineer', 'admin'] as const
/** Read what others did, and who they are. */
const whoAudits = ['auditor', 'admin'] as const
const admins = ['admin'] as const

/**
 * Every operation and who may do it: the whole table. What is not in it is refused, and a test fails for a field or
 * route without a line.
 */
export const permissions: Readonly<Record<string, Access>> = {
  'Query.me': 'signed-in',
  'Query.overview': everyRole,
  'Query.events': everyRole,
  'Query.event': everyRole,
  'Query.incidents': everyRole,
  'Query.incident': everyRole,
  'Query.analytics_metrics': everyRole,
  'Query.analyticsMetrics': everyRole,
  'Query.analytics_alerts': everyRole,
  'Query.analyticsAlerts': everyRole,
  'Query.alert': everyRole,
  'Query.system_health': everyRole,
  'Query.systemHealth': everyRole,
  'Query.hosts': everyRole,
  'Query.host': everyRole,
  'Query.network_activity': everyRole,
  'Query.network_counts': everyRole,
  'Query.login_sessions': everyRole,
  'Query.integrity_changes': everyRole,
  'Query.responses': everyRole,
  'Query.indicators': everyRole,
  'Query.indicator': everyRole,
  'Query.indicator_sources': everyRole,
  'Query.indicator_status': everyRole,
  'Query.allow_entries': everyRole,
  'Query.rules': everyRole,
  'Query.rule': everyRole,
  'Query.rule_summary': everyRole,
  'Query.rule_problems': everyRole,
  'Query.rule_packs': everyRole,
  'Query.installed_rules': everyRole,
  'Query.explain_rule': everyRole,
  'Query.exceptions': everyRole,
  'Query.exception_preview': everyRole,
  'Query.feeds': everyRole,
  'Query.agent_groups': everyRole,
  'Query.agent_group_revisions': everyRole,
  'Query.agent_roll_outs': everyRole,
  'Query.agent_contents': everyRole,
  'Query.steered_agents': everyRole,
  'Query.central_settings': everyRole,
  'Query.plan_agent_group': whoEngineers,
  'Query.accounts': whoAudits,
  'Query.account_sessions': whoAudits,
  'Query.tenants': whoAudits,
  'Query.api_keys': whoAudits,
  'Query.identity_providers': whoAudits,
  'Query.custom_roles': whoAudits,
  'Query.test_role': whoAudits,
  'Query.organisations': whoAudits,
  'Query.person_holdings': admins,
  'Query.tenant_holdings': admins,
  'Query.person_export': admins,
  'Query.__schema': admins,
  'Query.__type': admins,

  'Mutation.createIncident': whoWorksCases,
  'Mutation.assignIncident': whoWorksCases,
  'Mutation.closeIncident': whoWorksCases,
  'Mutation.acknowledgeAlert': whoWorksCases,
  'Mutation.resolveAlert': whoWorksCases,
  'Mutation.previewResponse': whoWorksCases,
  'Mutation.executeResponse': whoActs,
  'Mutation.watchPath': whoActs,
  'Mutation.addIndicators': whoEngineers,
  'Mutation.removeIndicators': whoEngineers,
  'Mutation.addAllowEntry': whoEngineers,
  'Mutation.removeAllowEntry': whoEngineers,
  'Mutation.createException': whoTunes,
  'Mutation.removeException': whoTunes,
  'Mutation.undoRules': whoEngineers,
  'Mutation.uninstallRules': whoEngineers,
  // What all hosts of a group do is more than what is detected; rules alone are an engineer's.
  'Mutation.publishAgentContent': whoEngineers,
  'Mutation.putAgentGroup': admins,
  'Mutation.removeAgentGroup': admins,
  'Mutation.labelAgent': admins,
  'Mutation.rollOutAgentGroup': admins,
  'Mutation.stopAgentRollOut': admins,
  'Mutation.rollBackAgentGroup': admins,
  // A feed decides what the server connects to.
  'Mutation.addFeed': whoEngineers,
  'Mutation.removeFeed': whoEngineers,
  'Mutation.refreshFeed': whoEngineers,
  'Mutation.rollbackFeed': whoEngineers,

  'Mutation.addUser': admins,
  'Mutation.setUserRole': admins,
  'Mutation.disableUser': admins,
  'Mutation.enableUser': admins,
  'Mutation.removeUser': admins,
  'Mutation.resetUser': admins,
  'Mutation.endSessions': admins,
  'Mutation.addTenant': admins,
  'Mutation.renameTenant': admins,
  'Mutation.createApiKey': admins,
  'Mutation.revokeApiKey': admins,
  'Mutation.setIdentityProvider': admins,
  'Mutation.removeIdentityProvider': admins,
  'Mutation.setCustomRole': admins,
  'Mutation.removeCustomRole': admins,
  'Mutation.addOrganisation': admins,

  'Mutation.erasePerson': admins,
  'Mutation.eraseTenant': admins,

  'Subscription.newAlerts': everyRole,
  'Subscription.incidentUpdates': everyRole,

  'GET /auth/state': 'anyone',
  'POST /auth/setup': 'anyone',
  'POST /auth/sign-in': 'anyone',
  'POST /auth/provider/begin': 'anyone',
  'GET /auth/provider/callback': 'anyone',
  'POST /auth/passkey/begin': 'anyone',
  'POST /auth/passkey/sign-in': 'anyone',
  'POST /auth/sign-out': 'signed-in',
  // What is one's own.
  'GET /auth/account': 'signed-in',
  'POST /auth/password': 'signed-in',
  'POST /auth/sessions/end': 'signed-in',
  'POST /auth/tenant': 'signed-in',
  'POST /auth/second-factor/begin': 'signed-in',
  'POST /auth/second-factor/confirm': 'signed-in',
  'POST /auth/second-factor/remove': 'signed-in',
  'POST /auth/passkeys/begin': 'signed-in',
  'POST /auth/passkeys/finish': 'signed-in',
  'POST /auth/passkeys/remove': 'signed-in',
  'POST /auth/keys': 'signed-in',
  'POST /auth/keys/revoke': 'signed-in',
  'POST /auth/token': 'signed-in',
  'GET /api/keys': whoAudits,
  'POST /api/keys/rotate': admins,
  'GET /auth/api-keys': whoAudits,
  'POST /auth/api-keys': admins,
  'DELETE /auth/api-keys/:id': admins,
  'GET /health': 'local',
  'GET /health/:check': 'local',
  'GET /metrics': 'local',
  'GET /api/openapi.json': 'signed-in',
  'GET /api/agents': everyRole,
  'GET /api/agents/:id': everyRole,
  'GET /api/agents/:id/runs/:run/batches': everyRole,
  'DELETE /api/agents/:id': admins,
  'POST /api/agents/:id/move': admins,
  'POST /api/agents/:id/approve': admins,
  'POST /api/agents/:id/refuse': admins,
  'GET /api/agents/secrets': admins,
  'POST /api/agents/secrets': admins,
  'DELETE /api/agents/secrets/:id': admins,
  'GET /api/hosts': everyRole,
  'GET /api/hosts/:id': everyRole,
  'GET /api/config/groups': everyRole,
  'GET /api/config/groups/:name': everyRole,
  'PUT /api/config/groups/:name': admins,
  'DELETE /api/config/groups/:name': admins,
  'POST /api/config/groups/:name/plan': whoEngineers,
  'POST /api/config/groups/:name/roll-out': admins,
  'POST /api/config/groups/:name/stop': admins,
  'POST /api/config/groups/:name/roll-back': admins,
  'GET /api/config/agents': everyRole,
  'GET /api/config/agents/:id': everyRole,
  'GET /api/events': everyRole,
  'GET /api/events/:id': everyRole,
  'POST /api/events': whoEngineers,
  'GET /api/ioc': everyRole,
  'GET /api/ioc/:id': everyRole,
  'GET /api/ioc/export': everyRole,
  'POST /api/ioc': whoEngineers,
  'POST /api/ioc/import': whoEngineers,
  'DELETE /api/ioc/:id': whoEngineers,
  'GET /api/alerts': everyRole,
  'GET /api/alerts/:id': everyRole,
  'POST /api/alerts/:id/acknowledge': whoWorksCases,
  'POST /api/alerts/:id/resolve': whoWorksCases,
  'GET /api/incidents': everyRole,
  'GET /api/incidents/:id': everyRole,
  'POST /api/rules/backtest': whoTunes,
  'POST /api/rules/plan': whoTunes,
  'POST /api/rules/install': whoEngineers,
  'GET /api/users': whoAudits,
  'GET /api/users/:name': whoAudits,
  'POST /api/users': admins,
  'PUT /api/users/:name/role': admins,
  'POST /api/users/:name/disable': admins,
  'POST /api/users/:name/enable': admins,
  'POST /api/users/:name/reset': admins,
  'POST /api/users/:name/sessions/end': admins,
  'DELETE /api/users/:name': admins,
  'GET /api/organizations': whoAudits,
  'GET /api/tenants': whoAudits,
  'POST /api/tenants': admins,
  'PUT /api/tenants/:id': admins,
  // At the address of agents: a secret, an approval or a certificate decides.
  'POST /agent/v1/enroll': 'anyone',
  'POST /agent/v1/renew': 'anyone',
  'GET /graphql': admins,
  // Each field of an operation is asked for on its own.
  'POST /graphql': 'signed-in',
  // The page itself holds nothing of a tenant's.
  'GET /*': 'anyone',
}

/**
 * Lets an operation pass or throws.
 *
 * @throws {PublicError} `unauthenticated`, `forbidden`
 */
export function permit(operation: string, viewer: Viewer | undefined, local: boolean): void {
  const access = accessTo(operation)
  if (access === 'anyone' || (access === 'local' && local)) return
  if (!viewer) throw new PublicError('unauthenticated', 'Sign in first')
  if (!isOf(access, operation, viewer)) {
    throw new PublicError('forbidden', `The role ${viewer.role} may not do that`)
  }
  if (!isFor(viewer.operations, operation)) {
    throw new PublicError('forbidden', 'This key is not for that')
  }
}

/** Whether an operation would pass, asked from elsewhere. */
export function mayDo(operation: string, viewer: Viewer | undefined): boolean {
  const access = accessTo(operation)
  if (access === 'anyone') return true
  if (!viewer) return false
  return isOf(access, operation, viewer) && isFor(viewer.operations, operation)
}

/** What a role may do. One that is neither of the house nor has policies may do nothing that lists roles. */
function isOf(access: Access, operation: string, { role, allows }: Viewer): boolean {
  if (access === 'anyone' || access === 'signed-in') return true
  if (allows) return allows(operation)
  return access === 'local' ? isBuiltIn(role) : access.some((known) => known === role)
}

/** Whether a role is one of the six of the house. */
export function isBuiltIn(role: string): role is Role {
  return roles.some((known) => known === role)
}

/** Whether a scope of a key, such as `Query.alert` or `GET /api/ioc*`, names any operation there is. */
export function isScope(scope: string): boolean {
  return Object.keys(permissions).some((operation) => covers(scope, operation))
}

function accessTo(operation: string): Access {
  return Object.hasOwn(permissions, operation) ? (permissions[operation] ?? []) : []
}

function isFor(scopes: readonly string[] | undefined, operation: string): boolean {
  if (scopes === undefined || scopes.some((scope) => covers(scope, operation))) return true
  // The way to all that GraphQL has; each field of an operation is asked for on its own.
  return (
    operation === 'POST /graphql' && scopes.some((scope) => /^(?:Query|Mutation|Subscription)\./.test(scope))
  )
}

function covers(scope: string, operation: string): boolean {
  return scope.endsWith('*') ? operation.startsWith(scope.slice(0, -1)) : scope === operation
}
