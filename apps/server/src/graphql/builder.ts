import SchemaBuilder from '@pothos/core'
import ComplexityPlugin from '@pothos/plugin-complexity'
import type {
  AffectedProcess,
  AgentUse,
  Alert,
  AlertStatus,
  AllowEntry,
  BlindSpot,
  Book,
  Endpoint,
  Event,
  ExceptionField,
  Feed,
  FeedVersion,
  GroupRevision,
  HealthCheck,
  HealthStatus,
  HostUsage,
  Incident,
  IncidentEntry,
  IncidentStatus,
  Indicator,
  Match,
  NetworkEvent,
  PartReport,
  Pressure,
  PressureResource,
  ProcessEntity,
  ProtocolEvent,
  ResourcePressure,
  RiskEntry,
  RuleException,
  RuleInfo,
  RulePack,
  RulePackSet,
  RuleProblem,
  RuleText,
  SensorReport,
  Severity,
  Technique,
  Verdict,
} from '@vedette/model'
import type { Counters } from '@vedette/base'
import type { IndicatorStatus } from '@vedette/manager'
import type { SettingChange } from '@vedette/manager/fleet'
import type { LoginSession } from '@vedette/manager/sessions'
import type {
  ExceptionEffect,
  ExceptionMade,
  ExceptionPreview,
  FieldChoice,
  HiddenAlert,
  RuleCase,
  RuleStatus,
} from '@vedette/manager/workshop'
import type {
  Account,
  AccountRole,
  ActivityCount,
  ApiToken,
  IdentityProvider,
  IndicatorPlan,
  ListedSession,
  PublishedContent,
  Organisation,
  SourceCount,
  StoredResponse,
} from '@vedette/store'
import { GraphQLError } from 'graphql'
import type { Viewer } from '../access/viewer.ts'
import type { Decision } from '../access/custom-role.ts'
import type { NewOrganisation } from '../people/organisations.ts'
import type { RoleOfTenant } from '../people/roles.ts'
import type { AgentView, GroupPlan, GroupView, RollOutView } from '../fleet/manager.ts'
import type { ListedTenant } from '../people/tenants.ts'
import type { WithPassword } from '../people/users.ts'
import type { HostView } from '../watch/host-view.ts'
import type { Situation } from '../watch/words.ts'
import type { Mark, TreeNode } from './alert/process-tree.ts'
import type { FactChange, FileDifference } from './integrity/fact-changes.ts'
import type { SessionsSeen } from './session/read-sessions.ts'
import type { Context } from './context.ts'

/** Most that one operation may cost: a field is 1, a list multiplies what is in it, and some fields say more. */
export const MAX_COST = 60_000

export interface RatePoint {
  readonly time: number
  readonly events: number
  readonly alerts: number
}

/** Rules in force, counted. */
export interface RuleSummary {
  readonly rules: number
  readonly fired: number
  readonly disabled: number
  readonly problems: number
  readonly exceptions: number
  readonly since: number
}

export interface SchemaTypes {
  Context: Context
  DefaultFieldNullability: false
  Scalars: {
    ID: { Input: string; Output: string }
    /** Milliseconds since the epoch. */
    DateTime: { Input: number; Output: number }
    JSON: { Input: unknown; Output: unknown }
    Severity: { Input: Severity; Output: Severity }
    AlertStatus: { Input: AlertStatus; Output: AlertStatus }
    Verdict: { Input: Verdict; Output: Verdict }
    IncidentStatus: { Input: IncidentStatus; Output: IncidentStatus }
  }
  Objects: {
    User: Viewer
    Overview: Situation
    RatePoint: RatePoint
    SeverityCount: { readonly severity: Severity; readonly count: number }
    Event: Event
    Alert: Alert
    Technique: Technique
    Rule: RuleInfo
    Process: ProcessEntity
    Match: Match
    RiskEntry: RiskEntry
    TreeNode: TreeNode
    Mark: Mark
    Incident: Incident
    IncidentEntry: IncidentEntry
    AnalyticsMetrics: object
    SystemHealth: { readonly status: HealthStatus; readonly checks: readonly HealthCheck[] }
    HealthCheck: HealthCheck
    Host: HostView
    HostUsage: HostUsage
    AgentUse: AgentUse
    AgentGroup: GroupView
    AgentGroupRevision: GroupRevision
    AgentRollOut: RollOutView
    AgentGroupPlan: GroupPlan
    AgentContent: PublishedContent
    SettingChange: SettingChange
    SteeredAgent: AgentView
    Sensor: SensorReport
    Book: Book
    KindBook: Counters & { readonly kind: string }
    PressureAverages: Pressure
    ResourcePressure: ResourcePressure & { readonly resource: PressureResource }
    NetworkActivity: NetworkEvent | ProtocolEvent
    NetworkEnd: Endpoint
    ActivityCount: ActivityCount
    LoginSessions: SessionsSeen
    LoginSession: LoginSession
    IntegrityChange: FileDifference
    FactChange: FactChange
    Part: PartReport
    BlindSpot: BlindSpot
    Response: StoredResponse
    AffectedProcess: AffectedProcess
    Indicator: Indicator
    IndicatorSource: SourceCount
    IndicatorStatus: IndicatorStatus
    IndicatorChange: IndicatorPlan
    AllowEntry: AllowEntry
    RuleState: RuleStatus
    RuleProblem: RuleProblem
    RuleCase: RuleCase
    RuleSummary: RuleSummary
    RulePack: RulePack
    RuleText: RuleText
    RulePackSet: RulePackSet
    RuleException: RuleException
    ExceptionField: ExceptionField
    ExceptionChoice: FieldChoice
    ExceptionPreview: ExceptionPreview
    ExceptionEffect: ExceptionEffect
    ExceptionMade: ExceptionMade
    HiddenAlert: HiddenAlert
    Feed: Feed
    FeedVersion: FeedVersion
    Account: Account
    AccountRole: AccountRole
    AccountWithPassword: WithPassword
    AccountSession: ListedSession
    Tenant: ListedTenant
    ApiKey: ApiToken
    NewApiKey: { readonly key: ApiToken; readonly token: string }
    CustomRole: RoleOfTenant
    RoleDecision: Decision
    ProviderRole: IdentityProvider['roleMap'][number]
    IdentityProvider: IdentityProvider
    Organisation: Organisation
    NewOrganisation: NewOrganisation
  }
}

export type Builder = ReturnType<typeof createBuilder>

/** A noun of the API: its types, and the queries, mutations and subscriptions that are about it. */
export type Resource = (builder: Builder) => void

export function createBuilder() {
  return new SchemaBuilder<SchemaTypes>({
    plugins: [ComplexityPlugin],
    defaultFieldNullability: false,
    complexity: {
      defaultComplexity: 1,
      defaultListMultiplier: 5,
      limit: { complexity: MAX_COST },
      complexityError: (_kind, { complexity }) =>
        new GraphQLError(`This operation costs ${complexity}, over the ${MAX_COST} that one may cost`, {
          extensions: { code: 'too-expensive' },
        }),
    },
  })
}
