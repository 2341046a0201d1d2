import type * as Cedar from '@cedar-policy/cedar-wasm/nodejs'
import type { TenantId } from '@vedette/model'
import { type CustomRole, roles, type StateStore } from '@vedette/store'
import { isBuiltIn, permissions } from './permissions.ts'
import { PublicError } from './public-error.ts'
import type { Viewer } from './viewer.ts'

const SCHEMA = 'operations'
/** Decisions that are kept of a role; beyond it the oldest are forgotten. */
const MAX_KEPT = 5000
const MAX_POLICIES_BYTES = 64 * 1024

/** What policies decide about: who asks in which way. Nothing else of a request, so that a decision can be kept. */
type Asker = Pick<Viewer, 'tenant' | 'id' | 'name'> & {
  readonly credential: Pick<Viewer['credential'], 'kind'>
}

interface Entry {
  readonly policies: string
  /** Known to the engine by this; a new text of the same role takes its place. */
  readonly id: string
  readonly decisions: Map<string, Decision>
}

/** What a custom role says of an operation, and which of its policies said so, counted from 1. */
export interface Decision {
  readonly allowed: boolean
  readonly policies: readonly number[]
}

/**
 * Custom roles as Cedar policies (Cedar's reference, "Authorization"): permitted is what a policy permits and none forbids,
 * all else is denied. Each operation of the table is an action, and each role of the house a group of the actions that it
 * may do. Policies are parsed once and asked for each operation.
 */
export class CustomRoles {
  readonly #state: StateStore
  readonly #entries = new Map<string, Entry>()
  #engine: Promise<typeof Cedar> | undefined

  constructor(state: StateStore) {
    this.#state = state
  }

  /** The same viewer with what their role allows, where that is one of their tenant's own. As it stands now. */
  async attach(viewer: Viewer): Promise<Viewer> {
    if (isBuiltIn(viewer.role)) return viewer
    const role = await this.#state.of(viewer.tenant).customRoles.get(viewer.role)
    // A role that is gone allows nothing.
    if (role === undefined) return { ...viewer, allows: () => false }
    const engine = await this.#load()
    const entry = this.#entryOf(engine, viewer.tenant, role)
    return {
      ...viewer,
      allows: (operation) => entry !== undefined && decide(engine, entry, viewer, operation).allowed,
    }
  }

  /** What a role says of an operation for somebody of that name who is signed in. */
  async decide(tenant: TenantId, role: CustomRole, operation: string, name: string): Promise<Decision> {
    const engine = await this.#load()
    const entry = this.#entryOf(engine, tenant, role)
    const asker: Asker = { tenant, id: name, name, credential: { kind: 'session' } }
    return entry ? decide(engine, entry, asker, operation) : { allowed: false, policies: [] }
  }

  /**
   * Whether policies can be those of a role: they parse, and name only what there is.
   *
   * @throws {PublicError} `role-refused`, with line and column
   */
  async check(policies: string): Promise<void> {
    if (Buffer.byteLength(policies) > MAX_POLICIES_BYTES) {
      throw new PublicError('role-refused', `policies: at most ${MAX_POLICIES_BYTES} bytes`)
    }
    const { validate } = await this.#load()
    const answer = validate({ schema: schemaOf(), policies: { staticPolicies: policies } })
    const errors =
      answer.type === 'failure' ? answer.errors : answer.validationErrors.map(({ error }) => error)
    // A policy that nothing can ever meet is a slip, and one that forbids nothing is a dangerous one.
    const warnings = answer.type === 'failure' ? [] : answer.validationWarnings.map(({ error }) => error)
    const [first] = [...errors, ...warnings]
    if (first) throw new PublicError('role-refused', inWords(first, policies))
    if (!/\bpermit\s*\(/.test(policies)) {
      throw new PublicError('role-refused', 'Nothing is permitted: a role needs at least one permit policy')
    }
  }

  #load(): Promise<typeof Cedar> {
    // Several megabytes, for houses that have a role of their own.
    this.#engine ??= import('@cedar-policy/cedar-wasm/nodejs').then((engine) => {
      const parsed = engine.preparseSchema(SCHEMA, schemaOf())
      if (parsed.type === 'failure')
        throw new TypeError(`the schema of operations: ${parsed.errors[0]?.message}`)
      return engine
    })
    return this.#engine
  }

  /** Undefined for what cannot be parsed, which was kept by another version. */
  #entryOf(engine: typeof Cedar, tenant: TenantId, { name, policies }: CustomRole): Entry | undefined {
    const id = `${tenant} ${name}`
    const known = this.#entries.get(id)
    if (known?.policies === policies) return known
    if (engine.preparsePolicySet(id, { staticPolicies: policies }).type === 'failure') return undefined
    const entry: Entry = { policies, id, decisions: new Map() }
    this.#entries.set(id, entry)
    return entry
  }
}

function decide(engine: typeof Cedar, entry: Entry, asker: Asker, operation: string): Decision {
  const { kind } = asker.credential
  const key = `${operation} ${kind} ${asker.id} ${asker.name}`
  const kept = entry.decisions.get(key)
  if (kept) return kept
  const principal = { type: kind === 'session' ? 'Person' : 'Program', id: asker.id }
  const action = { type: 'Action', id: operation }
  const answer = engine.statefulIsAuthorized({
    principal,
    action,
    resource: { type: 'Tenant', id: asker.tenant },
    context: {},
    preparsedPolicySetId: entry.id,
    entities: [
      { uid: principal, attrs: { name: asker.name }, parents: [] },
      { uid: action, attrs: {}, parents: groupsOf(operation) },
    ],
  })
  const response = answer.type === 'success' ? answer.response : undefined
  const decision: Decision = {
    // A policy that could not be asked might have forbidden.
    allowed: response?.decision === 'allow' && response.diagnostics.errors.length === 0,
    policies: (response?.diagnostics.reason ?? []).map((id) => Number(id.replace('policy', '')) + 1),
  }
  for (const oldest of entry.decisions.keys()) {
    if (entry.decisions.size < MAX_KEPT) break
    entry.decisions.delete(oldest)
  }
  entry.decisions.set(key, decision)
  return decision
}

/** Roles of the house that may do an operation. */
function groupsOf(operation: string): { type: 'Action'; id: string }[] {
  const access = permissions[operation]
  const who = access === 'local' ? roles : Array.isArray(access) ? (access as readonly string[]) : []
  return who.map((id) => ({ type: 'Action', id }))
}

/** What policies can be about. What is anybody's, or one's own, needs none. */
function schemaOf(): Cedar.SchemaJson<string> {
  const named = { shape: { type: 'Record' as const, attributes: { name: { type: 'String' as const } } } }
  const groups = Object.fromEntries(roles.map((role) => [role, {}]))
  const actions = Object.entries(permissions)
    .filter(([, access]) => access !== 'anyone' && access !== 'signed-in')
    .map(([operation]) => [
      operation,
      {
        memberOf: groupsOf(operation),
        appliesTo: { principalTypes: ['Person', 'Program'], resourceTypes: ['Tenant'] },
      },
    ])
  return {
    '': {
      entityTypes: { Person: named, Program: named, Tenant: {} },
      actions: { ...groups, ...Object.fromEntries(actions) },
    },
  }
}

/** `line 3, column 8: unrecognized action ...; did you mean ...?` */
function inWords({ message, help, sourceLocations }: Cedar.DetailedError, text: string): string {
  const [place] = sourceLocations ?? []
  const before = Buffer.from(text)
    .subarray(0, place?.start ?? 0)
    .toString('utf8')
    .split('\n')
  const where = place ? `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}: ` : ''
  const said = message.replace(/^for policy `policy\d+`, /, '')
  return `${where}${said}${place?.label ? `, ${place.label}` : ''}${help === null ? '' : `; ${help}`}`.slice(
    0,
    500,
  )
}
