import type { AgentId, TenantId } from '@vedette/model'

/** An agent that was enrolled. Times are milliseconds since the epoch. */
export interface EnrolledAgent {
  readonly id: AgentId
  /** As it called itself when it was enrolled. */
  readonly hostname: string
  /** SHA-256 of what names its machine, 64 hex digits; empty when it told none. */
  readonly machineId: string
  /** SHA-256 of its public key (SubjectPublicKeyInfo), 64 hex digits: of the newest one. */
  readonly keyHash: string
  readonly state: 'active' | 'removed'
  readonly enrolledAt: number
  /** What let it in: `secret ID`, or the name of who approved it. */
  readonly enrolledBy: string
  readonly lastSeen?: number
  readonly removedAt?: number
  /** The tenant that it was moved to. */
  readonly movedTo?: TenantId
  /** Its newest certificate. */
  readonly certificate?: AgentCertificate
}

export interface AgentCertificate {
  /** Lower-case hex digits. */
  readonly serial: string
  readonly issuedAt: number
  readonly expiresAt: number
  readonly revokedAt?: number
  /** `superseded`: the agent came with a newer one. */
  readonly reason?: 'removed' | 'superseded'
}

export type NewAgent = Pick<EnrolledAgent, 'id' | 'hostname' | 'machineId' | 'keyHash'>

/** Lets so many agents in until it expires. Only the hash of the secret is kept. */
export interface EnrolmentSecret {
  readonly id: string
  readonly tenant: TenantId
  readonly createdAt: number
  readonly createdBy: string
  readonly expiresAt: number
  readonly uses: number
  readonly usesLeft: number
  /** It says which tenant an agent asks; somebody there has to approve it. */
  readonly needsApproval: boolean
}

/** An agent without a secret, which waits until somebody approves it. */
export interface PendingAgent extends NewAgent {
  readonly address: string
  readonly askedAt: number
}

/** The agents of a tenant, and how they come in. */
export interface Enrolments {
  /** By host name; the removed ones too. */
  list(): Promise<EnrolledAgent[]>
  get(id: AgentId): Promise<EnrolledAgent | undefined>
  byKey(keyHash: string): Promise<EnrolledAgent | undefined>
  /** Uses a secret once and keeps the agent, both or neither. Left out when the secret is used up or expired. */
  redeem(tokenHash: string, agent: NewAgent, now: number): Promise<EnrolledAgent | undefined>
  /** Keeps a certificate before it is given out; the key is from now on the agent's. False when it was removed. */
  certify(
    id: AgentId,
    keyHash: string,
    certificate: Pick<AgentCertificate, 'serial' | 'issuedAt' | 'expiresAt'>,
  ): Promise<boolean>
  certificate(id: AgentId, serial: string): Promise<AgentCertificate | undefined>
  /** The agent came with this certificate: those before it do not hold any more. Gives their serials. */
  settle(id: AgentId, serial: string, now: number): Promise<string[]>
  seen(id: AgentId, now: number): Promise<void>
  /** Removes it for good and revokes its certificates. Left out when there is none that is active. */
  remove(id: AgentId, now: number, movedTo?: TenantId): Promise<EnrolledAgent | undefined>
  /** Who waits, the longest first. */
  pending(): Promise<PendingAgent[]>
  /** Uses a secret once, for one that waits then. False when it is used up or expired. */
  use(tokenHash: string, now: number): Promise<boolean>
  /** Keeps who waits; the same key again changes nothing. `full` when too many wait. */
  ask(agent: PendingAgent): Promise<PendingAgent | 'full'>
  /** Makes a waiting one an agent. Left out when nobody waits under that id. */
  approve(id: AgentId, by: string, now: number): Promise<EnrolledAgent | undefined>
  refuse(id: AgentId): Promise<PendingAgent | undefined>
  secrets(): Promise<EnrolmentSecret[]>
  addSecret(
    tokenHash: string,
    secret: Pick<EnrolmentSecret, 'id' | 'createdBy' | 'expiresAt' | 'uses'> & {
      readonly needsApproval?: boolean
    },
    now: number,
  ): Promise<void>
  revokeSecret(id: string): Promise<boolean>
  /** Forgets who waited since before then, and secrets that expired before then. */
  sweep(before: number): Promise<void>
}
