import type { TenantId } from '@vedette/model'
import type {
  Accounts,
  AgentCredentials,
  ApiTokens,
  CredentialDoor,
  CustomRoles,
  IdentityProviders,
  OwnOrganisation,
  Passkeys,
  SecondFactors,
  Sessions,
  SetupTokens,
  Tenants,
} from './accounts.ts'
import type { AgentGroups } from './agent-groups.ts'
import type { Alerts, Incidents, RiskLedger } from './cases.ts'
import type { CaseTransaction } from './case-transaction.ts'
import type { Enrolments } from './enrolment.ts'
import type { Hosts, Responses } from './fleet.ts'
import type { AllowList, Feeds, Indicators } from './indicators.ts'
import type { PersonalState } from '../privacy/personal-state.ts'
import type { RuleExceptions, RulePacks } from './rules.ts'
import type { SealedSecrets } from './sealed-secrets.ts'

/**
 * Little data that changes: PostgreSQL, our own or behind a URL. Methods throw a CodedError: `state-store-failed` when
 * the database cannot answer (it may be tried again), `disk-full` when it has no room; then nothing was changed.
 */
export interface StateStore extends AsyncDisposable {
  readonly credentials: CredentialDoor
  /** Everything within one tenant; there is no other way in. */
  of(tenant: TenantId): TenantState
  /** Throws when the store cannot answer. */
  ping(): Promise<void>
}

/** One tenant's state. Every method is a transaction of its own, within which row-level security shows one tenant. */
export interface TenantState {
  readonly alerts: Alerts
  readonly incidents: Incidents
  readonly risk: RiskLedger
  readonly hosts: Hosts
  readonly responses: Responses
  readonly accounts: Accounts
  readonly sessions: Sessions
  readonly secondFactors: SecondFactors
  readonly passkeys: Passkeys
  readonly identityProviders: IdentityProviders
  /** Of this tenant alone. */
  readonly customRoles: CustomRoles
  /** The one that this tenant is the first of. */
  readonly organisation: OwnOrganisation
  /** Of the organisation that this tenant is the first of. */
  readonly tenants: Tenants
  readonly setup: SetupTokens
  readonly agents: AgentCredentials
  readonly enrolments: Enrolments
  readonly agentGroups: AgentGroups
  readonly apiTokens: ApiTokens
  readonly indicators: Indicators
  readonly allowList: AllowList
  readonly feeds: Feeds
  readonly exceptions: RuleExceptions
  readonly rulePacks: RulePacks
  readonly personal: PersonalState
  readonly secrets: SealedSecrets
  /**
   * Runs `work` in one transaction, one at a time within the tenant: all that it writes is there, or nothing. It is the
   * ledger that `correlate` asks for. What `work` throws undoes everything and is thrown again.
   */
  correlation<T>(work: (ledger: CaseTransaction) => Promise<T>): Promise<T>
}
