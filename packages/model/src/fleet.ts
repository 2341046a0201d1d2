import { z } from 'zod'
import type { AgentId } from './ids.ts'

/** A setting by its dotted path, such as `yara.workers`, and its value as a configuration file would have it. */
export type CentralConfig = Readonly<Record<string, unknown>>

export const centralConfigSchema = z
  .record(z.string().regex(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/), z.json())
  .refine((config) => Object.keys(config).length <= 500, 'more than 500 settings')

/** Files that agents take from their server, packed; named by their SHA-256, 64 hex digits. */
export interface ContentName {
  /** 1 for the first that a tenant published. */
  readonly version: number
  readonly sha256: string
  readonly sizeBytes: number
}

/** Most bytes of a packed bundle. */
export const MAX_CONTENT_BYTES = 8 << 20
/** Most bytes of one piece in which it is sent. */
export const MAX_CONTENT_PIECE = 384 << 10

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const time = z.number().min(0).max(8_640_000_000_000_000)

/**
 * What a server wants of one agent: settings, content, and which version of the program. It is good for that agent alone and
 * until it expires; one with a lower serial than an agent ever took is refused.
 */
export interface Assignment {
  readonly tenant: string
  readonly agent: AgentId
  readonly serial: number
  readonly group: string
  readonly revision: number
  /** Milliseconds since the epoch. */
  readonly issuedAt: number
  readonly expiresAt: number
  readonly config: CentralConfig
  readonly content?: ContentName
  /** The version of the program that the agent should be. */
  readonly agentVersion?: string
}

export const assignmentSchema = z.strictObject({
  tenant: z.string().min(1).max(128),
  agent: z.string().min(1).max(128),
  serial: z.int().min(1),
  group: z.string().min(1).max(64),
  revision: z.int().min(1),
  issuedAt: time,
  expiresAt: time,
  config: centralConfigSchema,
  content: z
    .strictObject({ version: z.int().min(1), sha256, sizeBytes: z.int().min(1).max(MAX_CONTENT_BYTES) })
    .optional(),
  agentVersion: z.string().min(1).max(64).optional(),
})

/**
 * An assignment with its signature (Ed25519, RFC 8032) and the key that it was made with, which the server's authority has
 * signed in its turn (ECDSA with P-256 and SHA-256).
 */
export interface SignedAssignment {
  /** JSON of an `Assignment`; what is signed are these very bytes. */
  readonly payload: string
  /** Base64, as all signatures and keys here. */
  readonly signature: string
  readonly signer: {
    /** SubjectPublicKeyInfo. */
    readonly key: string
    readonly expiresAt: number
    /** By the authority. */
    readonly signature: string
  }
}

const base64 = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[A-Za-z0-9+/]+={0,2}$/)

export const signedAssignmentSchema = z.object({
  payload: z.string().max(512 << 10),
  signature: base64(128),
  signer: z.object({ key: base64(256), expiresAt: time, signature: base64(128) }),
})

/** One value that holds on a host, and where it comes from: `default`, a path, `environment NAME` or `group NAME`. */
export interface EffectiveSetting {
  readonly path: string
  readonly value: unknown
  readonly origin: string
}

/** What became of what the server wanted of an agent, as the agent tells it. */
export interface AgentStanding {
  /** `own`: nothing was assigned, or nothing of it is taken; `trial`: in force, and not yet known to be good. */
  readonly state: 'own' | 'trial' | 'in_force'
  /** Of the assignment in force. */
  readonly serial?: number
  readonly group?: string
  readonly revision?: number
  readonly content?: Pick<ContentName, 'version' | 'sha256'> & {
    readonly rules: number
    readonly problems: number
  }
  /** The last one that it went back from, or could not take. */
  readonly failed?: { readonly serial: number; readonly reason: string }
  /** Documents that were none, or not for it; the last reason. */
  readonly refused?: { readonly code: string; readonly reason: string; readonly count: number }
  /** It is over: nobody said for too long that it still holds. */
  readonly isStale: boolean
  /** Version of the program that is wanted. */
  readonly agentVersion?: string
  readonly settings: readonly EffectiveSetting[]
}

const reason = z.string().max(2000)

export const agentStandingSchema = z.object({
  state: z.enum(['own', 'trial', 'in_force']),
  serial: z.int().optional(),
  group: z.string().max(64).optional(),
  revision: z.int().optional(),
  content: z.object({ version: z.int(), sha256, rules: z.int().min(0), problems: z.int().min(0) }).optional(),
  failed: z.object({ serial: z.int(), reason }).optional(),
  refused: z.object({ code: z.string().max(64), reason, count: z.int() }).optional(),
  isStale: z.boolean(),
  agentVersion: z.string().max(64).optional(),
  settings: z
    .array(z.object({ path: z.string().max(256), value: z.json(), origin: z.string().max(4200) }))
    .max(1000),
})

/** Agents that are steered together. An agent is of one group: the one that names it, else the first by rank that it fits. */
export interface AgentGroup {
  readonly name: string
  /** The lower comes first. */
  readonly rank: number
  /** Agents that are named. */
  readonly members: readonly AgentId[]
  /** All of these labels, and one of these host names (`*` stands for anything); both empty: it fits no agent. */
  readonly labels: Readonly<Record<string, string>>
  readonly hosts: readonly string[]
  /** Revision that holds for it. */
  readonly current: number
}

/** What a group's agents are given; never changed, only followed by another. */
export interface GroupRevision {
  readonly group: string
  readonly number: number
  readonly config: CentralConfig
  /** SHA-256 of a bundle. */
  readonly content?: string
  readonly agentVersion?: string
  readonly madeAt: number
  readonly madeBy: string
}

/** Shares of a group that get a revision, one after the other, percent. */
export const ROLL_OUT_STAGES = [1, 10, 100] as const
/** More bad ones among those that have it stop a roll-out, percent. */
export const ROLL_OUT_MOST_BAD = 1

/** A revision on its way to a group, stage by stage. */
export interface RollOut {
  readonly id: string
  readonly group: string
  readonly from: number
  readonly to: number
  /** `stopped`: by itself or by somebody, and taken back. */
  readonly state: 'running' | 'done' | 'stopped'
  /** Position in `ROLL_OUT_STAGES`. */
  readonly stage: number
  /** How long a stage must be good before the next, milliseconds. */
  readonly holdMs: number
  /** All agents that it goes to, in the order in which they get it. */
  readonly agents: readonly AgentId[]
  readonly startedAt: number
  readonly startedBy: string
  readonly stageAt: number
  readonly endedAt?: number
  /** Why it was stopped. */
  readonly reason?: string
}
