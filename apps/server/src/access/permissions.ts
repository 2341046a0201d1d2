import type { Role } from '@vedette/store'
import type { Viewer } from './viewer.ts'
import { PublicError } from './public-error.ts'

/**
 * Who may do an operation. `anyone` needs no sign-in. `local` needs none from this machine itself, and any role from
 * elsewhere.
 */
export type Access = 'anyone' | 'local' | readonly Role[]

const everyRole = ['admin', 'analyst', 'viewer'] as const
const whoActs = ['admin', 'analyst'] as const
const admins = ['admin'] as const

/**
 * Every operation and who may do it: the whole table. What is not in it is refused, and a test fails for a field or
 * route without a line.
 */
export const permissions: Readonly<Record<string, Access>> = {
  'Query.me': everyRole,
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
  'Query.__schema': admins,
  'Query.__type': admins,

  'Mutation.createIncident': whoActs,
  'Mutation.assignIncident': whoActs,
  'Mutation.closeIncident': whoActs,
  'Mutation.acknowledgeAlert': whoActs,
  'Mutation.resolveAlert': whoActs,
  'Mutation.previewResponse': whoActs,
  'Mutation.executeResponse': whoActs,
  'Mutation.watchPath': whoActs,
  'Mutation.addIndicators': whoActs,
  'Mutation.removeIndicators': whoActs,
  'Mutation.addAllowEntry': whoActs,
  'Mutation.removeAllowEntry': whoActs,
  'Mutation.createException': whoActs,
  'Mutation.removeException': whoActs,
  'Mutation.undoRules': admins,
  'Mutation.uninstallRules': admins,
  // A feed decides what the server connects to.
  'Mutation.addFeed': admins,
  'Mutation.removeFeed': admins,
  'Mutation.refreshFeed': whoActs,
  'Mutation.rollbackFeed': whoActs,

  'Subscription.newAlerts': everyRole,
  'Subscription.incidentUpdates': everyRole,

  'GET /auth/state': 'anyone',
  'POST /auth/setup': 'anyone',
  'POST /auth/sign-in': 'anyone',
  'POST /auth/sign-out': everyRole,
  'GET /health': 'local',
  'GET /health/:check': 'local',
  'GET /metrics': 'local',
  'POST /indicators/import': whoActs,
  'POST /rules/backtest': whoActs,
  'POST /rules/plan': whoActs,
  'POST /rules/install': admins,
  'GET /indicators/export': everyRole,
  'GET /graphql': admins,
  'POST /graphql': everyRole,
  // The page itself holds nothing of a tenant's.
  'GET /*': 'anyone',
}

/**
 * Lets an operation pass or throws.
 *
 * @throws {PublicError} `unauthenticated`, `forbidden`
 */
export function permit(operation: string, viewer: Viewer | undefined, local: boolean): void {
  const access = Object.hasOwn(permissions, operation) ? permissions[operation] : []
  if (access === 'anyone' || (access === 'local' && local)) return
  if (!viewer) throw new PublicError('unauthenticated', 'Sign in first')
  if (access === 'local' || access?.includes(viewer.role)) return
  throw new PublicError('forbidden', `The role ${viewer.role} may not do that`)
}
