import type {
  Alert,
  ExceptionField,
  FeedState,
  IndicatorType,
  Tlp,
  AlertStatus,
  CountedRuns,
  IncidentEntry,
  IncidentStatus,
  ResponseResult,
  Severity,
  Verdict,
  AgentGroup,
  AgentReport,
  AgentStanding,
  CentralConfig,
  RollOut,
} from '@vedette/model'
import type { ColumnType, Generated } from 'kysely'
import type { IdentityProvider, RoleName } from './accounts.ts'
import type { AgentCertificate, EnrolledAgent } from './enrolment.ts'
import type { StoredResponse } from './fleet.ts'

/** timestamptz: milliseconds since the epoch when read, the text of `toTimestamp` when written. */
export type Time = ColumnType<number, string, string>
export type OptionalTime = ColumnType<number | null, string | null | undefined, string | null>

/**
 * `json`, not `jsonb`: the text stays as it is, so that what an attacker wrote (a NUL, half a surrogate pair) neither
 * is refused nor changes.
 */
export type Json<T> = ColumnType<T, string, string>
export type OptionalJson<T> = ColumnType<T | null, string | null | undefined, string | null>

/** The tables as kysely needs them. Every one has `tenant`, and a policy that shows one tenant's rows. */
export interface Database {
  readonly alerts: AlertTable
  readonly incidents: IncidentTable
  readonly incident_keys: { readonly tenant: string; readonly key: string; readonly incident: string }
  readonly incident_entries: IncidentEntryTable
  readonly risk_entries: RiskEntryTable
  readonly suppressed_runs: SuppressedRunTable
  readonly hosts: HostTable
  readonly responses: ResponseTable
  readonly accounts: AccountTable
  readonly sessions: SessionTable
  readonly setup_tokens: SetupTokenTable
  readonly agent_credentials: AgentCredentialTable
  readonly api_tokens: ApiTokenTable
  readonly tenants: TenantTable
  readonly account_roles: AccountRoleTable
  readonly second_factors: SecondFactorTable
  readonly recovery_codes: { readonly tenant: string; readonly account: string; readonly code_hash: string }
  readonly organisations: OrganisationTable
  readonly passkeys: PasskeyTable
  readonly identity_providers: IdentityProviderTable
  readonly identity_links: IdentityLinkTable
  readonly custom_roles: CustomRoleTable
  readonly agents: AgentTable
  readonly agent_certificates: AgentCertificateTable
  readonly enrolment_secrets: EnrolmentSecretTable
  readonly pending_agents: PendingAgentTable
  readonly agent_groups: AgentGroupTable
  readonly agent_group_revisions: AgentGroupRevisionTable
  readonly agent_roll_outs: AgentRollOutTable
  readonly agent_labels: AgentLabelTable
  readonly agent_contents: AgentContentTable
  readonly agent_assignments: AgentAssignmentTable
  readonly indicators: IndicatorTable
  readonly allow_entries: AllowEntryTable
  readonly feeds: FeedTable
  readonly feed_versions: FeedVersionTable
  readonly rule_exceptions: RuleExceptionTable
  readonly rule_files: RuleFileTable
  readonly rule_packs: RulePackTable
  readonly rule_pack_files: RulePackFileTable
  readonly rule_pack_sets: RulePackSetTable
}

export interface AlertTable {
  readonly tenant: string
  readonly id: string
  readonly rule_id: string
  readonly rule: Json<Alert['rule']>
  readonly title: string
  readonly severity: Severity
  readonly time: Time
  readonly last_seen: Time
  readonly count: number
  readonly suppressed: number
  readonly opened_at: Time
  readonly status: AlertStatus
  readonly verdict: Verdict | null
  readonly assignee: string | null
  readonly host: string
  readonly device: Json<Alert['device']>
  readonly process: OptionalJson<NonNullable<Alert['process']>>
  readonly entity: string
  readonly events: Json<Alert['events']>
  readonly event_count: number
  readonly matches: Json<Alert['matches']>
  readonly aggregate: OptionalJson<NonNullable<Alert['aggregate']>>
  readonly fingerprint: string
  readonly counted: Json<CountedRuns>
  readonly incident: string | null
  readonly risk: number
  /** What `search` looks in. */
  readonly searched: string
}

export interface IncidentTable {
  readonly tenant: string
  readonly id: string
  readonly title: string
  readonly description: string
  readonly severity: Severity
  readonly status: IncidentStatus
  readonly assignee: string | null
  readonly resolution: string | null
  readonly created_at: Time
  readonly updated_at: Time
  readonly closed_at: OptionalTime
  readonly alert_count: number
  readonly host: string | null
  readonly origin: 'correlation' | 'person'
  readonly programs: Json<readonly string[]>
  readonly last_alert: OptionalTime
}

interface IncidentEntryTable {
  readonly tenant: string
  readonly incident: string
  readonly number: Generated<number>
  readonly time: Time
  readonly actor: string
  readonly action: IncidentEntry['action']
  readonly text: string
}

interface RiskEntryTable {
  readonly tenant: string
  readonly entity: string
  readonly alert: string
  readonly time: Time
  readonly points: number
  readonly reason: string
  readonly rule: string
}

interface SuppressedRunTable {
  readonly tenant: string
  readonly rule_id: string
  readonly run: string
  readonly number: number
  readonly seen_at: Time
}

interface HostTable {
  readonly tenant: string
  readonly id: string
  readonly report: Json<AgentReport>
  readonly first_seen: Time
  readonly last_seen: Time
}

interface ResponseTable {
  readonly tenant: string
  readonly id: string
  readonly host: string
  readonly alert: string | null
  readonly action: ResponseResult['action']
  readonly outcome: StoredResponse['outcome']
  readonly summary: string
  readonly affected: Json<ResponseResult['affected']>
  readonly undo: string | null
  readonly lease_ends: OptionalTime
  readonly actor: string
  readonly reason: string
  readonly time: Time
}

interface AccountTable {
  readonly tenant: string
  readonly id: string
  readonly name: string
  readonly password_hash: string
  readonly created_at: Time
  readonly disabled_at: OptionalTime
  readonly must_change: Generated<boolean>
  readonly last_sign_in: OptionalTime
}

interface TenantTable {
  readonly tenant: string
  readonly id: string
  readonly name: string
  readonly created_at: Time
}

interface AccountRoleTable {
  readonly tenant: string
  readonly account: string
  readonly in_tenant: string
  readonly role: RoleName
}

interface SecondFactorTable {
  readonly tenant: string
  readonly account: string
  readonly secret: string
  readonly created_at: Time
  readonly confirmed_at: OptionalTime
  readonly last_step: Generated<number>
}

interface SessionTable {
  readonly tenant: string
  readonly token_hash: string
  readonly account: string
  readonly created_at: Time
  readonly expires_at: Time
  readonly in_tenant: string
  readonly address: Generated<string>
  readonly program: Generated<string>
}

interface SetupTokenTable {
  readonly tenant: string
  readonly token_hash: string
  readonly created_at: Time
  readonly used_at: OptionalTime
}

interface AgentCredentialTable {
  readonly tenant: string
  readonly token_hash: string
  readonly agent: string
  readonly created_at: Time
}

interface ApiTokenTable {
  readonly tenant: string
  readonly token_hash: string
  readonly id: string
  readonly name: string
  readonly role: RoleName
  readonly created_at: Time
  readonly organisation: string
  readonly operations: OptionalJson<readonly string[]>
  readonly made_by: Generated<string>
  readonly expires_at: OptionalTime
  readonly last_used_at: OptionalTime
  readonly account: ColumnType<string | null, string | null | undefined, string | null>
}

interface OrganisationTable {
  readonly tenant: string
  readonly name: string
  readonly created_at: Time
}

interface PasskeyTable {
  readonly tenant: string
  readonly token_hash: string
  readonly id: string
  readonly account: string
  readonly name: string
  readonly public_key: string
  readonly counter: number
  readonly rp_id: string
  readonly transports: Json<readonly string[]>
  readonly backed_up: boolean
  readonly created_at: Time
  readonly last_used: OptionalTime
}

interface IdentityProviderTable {
  readonly tenant: string
  readonly id: string
  readonly name: string
  readonly issuer: string
  readonly client_id: string
  readonly client_secret: string | null
  readonly role_claim: string
  readonly role_map: Json<IdentityProvider['roleMap']>
  readonly created_at: Time
}

interface IdentityLinkTable {
  readonly tenant: string
  readonly issuer: string
  readonly subject: string
  readonly account: string
  readonly created_at: Time
}

interface CustomRoleTable {
  readonly tenant: string
  readonly name: string
  readonly description: string
  readonly policies: string
  readonly updated_at: Time
  readonly updated_by: string
}

interface AgentTable {
  readonly tenant: string
  readonly id: string
  readonly hostname: string
  readonly machine_id: string
  readonly key_hash: string
  readonly state: EnrolledAgent['state']
  readonly enrolled_at: Time
  readonly enrolled_by: string
  readonly last_seen: OptionalTime
  readonly removed_at: OptionalTime
  readonly moved_to: string | null
}

interface AgentCertificateTable {
  readonly tenant: string
  readonly serial: string
  readonly agent: string
  readonly issued_at: Time
  readonly expires_at: Time
  readonly revoked_at: OptionalTime
  readonly reason: NonNullable<AgentCertificate['reason']> | null
}

interface EnrolmentSecretTable {
  readonly tenant: string
  readonly token_hash: string
  readonly id: string
  readonly created_at: Time
  readonly created_by: string
  readonly expires_at: Time
  readonly uses: number
  readonly uses_left: number
  readonly needs_approval: boolean
}

interface PendingAgentTable {
  readonly tenant: string
  readonly id: string
  readonly key_hash: string
  readonly hostname: string
  readonly machine_id: string
  readonly address: string
  readonly asked_at: Time
}

interface AgentGroupTable {
  readonly tenant: string
  readonly name: string
  readonly rank: number
  readonly members: Json<AgentGroup['members']>
  readonly labels: Json<AgentGroup['labels']>
  readonly hosts: Json<AgentGroup['hosts']>
  readonly current: number
}

interface AgentGroupRevisionTable {
  readonly tenant: string
  readonly group_name: string
  readonly number: number
  readonly config: Json<CentralConfig>
  readonly content: string | null
  readonly agent_version: string | null
  readonly made_at: Time
  readonly made_by: string
}

interface AgentRollOutTable {
  readonly tenant: string
  readonly id: string
  readonly group_name: string
  readonly from_revision: number
  readonly to_revision: number
  readonly state: RollOut['state']
  readonly stage: number
  /** bigint: a text, as PostgreSQL's driver reads it. */
  readonly hold_ms: string
  readonly agents: Json<RollOut['agents']>
  readonly started_at: Time
  readonly started_by: string
  readonly stage_at: Time
  readonly ended_at: OptionalTime
  readonly reason: ColumnType<string | null, string | undefined, string | null>
}

interface AgentLabelTable {
  readonly tenant: string
  readonly agent: string
  readonly labels: Json<Readonly<Record<string, string>>>
}

interface AgentContentTable {
  readonly tenant: string
  readonly version: number
  readonly sha256: string
  readonly bytes: Buffer
  readonly files: Json<readonly string[]>
  readonly made_at: Time
  readonly made_by: string
}

interface AgentAssignmentTable {
  readonly tenant: string
  readonly agent: string
  /** bigint, as a text. */
  readonly serial: string
  readonly digest: string
  readonly group_name: string
  readonly revision: number
  readonly assigned_at: Time
  readonly standing: OptionalJson<AgentStanding>
  readonly told_at: OptionalTime
}

interface IndicatorTable {
  readonly tenant: string
  readonly number: Generated<number>
  readonly source: string
  readonly type: IndicatorType
  readonly value: string
  readonly confidence: number
  readonly severity: Severity
  readonly tlp: Tlp
  readonly valid_from: Time
  readonly valid_until: OptionalTime
  readonly description: string | null
  readonly tags: Json<readonly string[]>
  readonly techniques: Json<readonly string[]>
  readonly added_at: Time
  readonly sightings: Generated<number>
  readonly first_sighted: OptionalTime
  readonly last_sighted: OptionalTime
}

interface AllowEntryTable {
  readonly tenant: string
  readonly number: Generated<number>
  readonly type: IndicatorType
  readonly value: string
  readonly owner: string
  readonly reason: string
  readonly added_at: Time
  readonly expires_at: OptionalTime
  readonly hits: Generated<number>
  readonly first_hit: OptionalTime
  readonly last_hit: OptionalTime
}

interface FeedTable {
  readonly tenant: string
  readonly name: string
  /** `FeedSettings` as JSON, sealed. */
  readonly settings: Json<string>
  readonly state: Json<FeedState>
  readonly configured: boolean
  readonly added_at: Time
}

interface FeedVersionTable {
  readonly tenant: string
  readonly feed: string
  readonly number: Generated<number>
  readonly fetched_at: Time
  readonly sha256: string
  readonly size_bytes: number
  readonly indicators: number
  readonly content: Buffer
}

interface RuleExceptionTable {
  readonly tenant: string
  readonly id: string
  readonly number: Generated<number>
  readonly rules: Json<readonly string[]>
  readonly rule_title: string
  readonly alert: string | null
  readonly fields: Json<readonly ExceptionField[]>
  readonly filter: string
  readonly owner: string
  readonly reason: string
  readonly actor: string
  readonly added_at: Time
  readonly expires_at: OptionalTime
  readonly hits: Generated<number>
  readonly first_hit: OptionalTime
  readonly last_hit: OptionalTime
}

/** Texts of files of rules by their SHA-256, each kept once. */
interface RuleFileTable {
  readonly tenant: string
  readonly sha256: string
  readonly content: Buffer
}

interface RulePackTable {
  readonly tenant: string
  readonly number: Generated<number>
  readonly name: string
  readonly source: string
  readonly digest: string
  readonly rules: number
  readonly actor: string
  readonly added_at: Time
}

interface RulePackFileTable {
  readonly tenant: string
  readonly pack: number
  readonly path: string
  readonly sha256: string
}

/** A row for each step; the newest one is in force. */
interface RulePackSetTable {
  readonly tenant: string
  readonly number: Generated<number>
  readonly time: Time
  readonly actor: string
  readonly action: string
  readonly packs: Json<readonly number[]>
}
