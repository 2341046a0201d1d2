import type { Clock, Logger } from '@vedette/base'
import type { Bus, FeedDesk, IndicatorDesk, Intake } from '@vedette/manager'
import type { RuleDesk } from '@vedette/manager/workshop'
import type { AuditLog, EventStore, StateStore } from '@vedette/store'
import type { Audited } from './access/audited.ts'
import type { Authenticator } from './access/authenticate.ts'
import type { CustomRoles } from './access/custom-role.ts'
import type { SentAway } from './access/identity-provider.ts'
import type { OnceValues } from './access/once-values.ts'
import type { OpenSockets } from './access/open-sockets.ts'
import type { OriginRules } from './access/origin.ts'
import type { Challenge } from './access/passkey.ts'
import type { ServiceTokens } from './access/service-token.ts'
import type { SessionDesk } from './access/session.ts'
import type { Fleet } from './agent/fleet.ts'
import type { Revocations } from './agent/revocations.ts'
import type { Authority } from './authority/authority.ts'
import type { FleetDesk } from './fleet/desk.ts'
import type { RateLimit } from './http/rate-limit.ts'
import type { KeyDesk } from './keys/key-desk.ts'
import type { AuditWatch } from './watch/audit-watch.ts'
import type { HostSilences } from './watch/host-silences.ts'
import type { Metrics } from './watch/metrics.ts'

/** How much of what anybody may do. Each counts by address unless it says otherwise. */
export interface Limits {
  /** All routes that have no limit of their own. */
  readonly requests: RateLimit
  /** Tries to sign in or to set up. */
  readonly signIn: RateLimit
  /** Tries to sign in, by account. */
  readonly account: RateLimit
  /** GraphQL requests. */
  readonly graphql: RateLimit
  /** Sockets of people and programs. */
  readonly sockets: RateLimit
  /** Connections of agents with a credential that is none. */
  readonly strangers: RateLimit
  /** Connections, by agent. */
  readonly agents: RateLimit
  /** Enrolments and renewals. */
  readonly enrolment: RateLimit
}

/** What the faces of the server work with. */
export interface Services {
  readonly version: string
  readonly clock: Clock
  readonly log: Logger
  readonly state: StateStore
  readonly events: EventStore
  readonly auditLog: AuditLog
  readonly auditWatch: AuditWatch
  readonly audited: Audited
  readonly keys: KeyDesk
  readonly bus: Bus
  readonly intake: Intake
  readonly rules: RuleDesk
  readonly indicators: IndicatorDesk
  readonly feeds: FeedDesk
  readonly fleet: Fleet
  /** Left out as `authority` is. */
  readonly fleetDesk?: FleetDesk
  readonly silence: HostSilences
  /** Left out where agents of other hosts have no address to come to. */
  readonly authority?: Authority
  readonly revocations?: Revocations
  /** How long an agent's certificate is good for. */
  readonly certificateMs: number
  /** Where agents come to; left out until it is known. */
  readonly agentsUrl: () => string | undefined
  readonly sessions: SessionDesk
  readonly authenticator: Authenticator
  readonly serviceTokens: ServiceTokens
  readonly customRoles: CustomRoles
  /** Of passkeys, given out and not answered yet. */
  readonly challenges: OnceValues<Challenge>
  /** People who are at an identity provider now. */
  readonly sentAway: OnceValues<SentAway>
  readonly openSockets: OpenSockets
  readonly originRules: OriginRules
  readonly limits: Limits
  readonly metrics: Metrics
  /** The server's own folder. */
  readonly home: string
  /** Folder of the built console; left out, only the API is served. */
  readonly consoleFolder?: string
}
