import type { PersonalEvents } from '../privacy/personal-events.ts'
import type { AgentId, Event, EventBatch, EventId, EventKind, ProcessUid, TenantId } from '@vedette/model'

/** A batch and whose it is. Tenant and agent come from the credential, never from the batch. */
export interface OwnedBatch {
  readonly tenant: TenantId
  readonly agent: AgentId
  readonly batch: EventBatch
}

/** A batch as its rows, ready to be stored: what it was made of need not be kept. */
export interface PreparedBatch {
  readonly tenant: TenantId
  readonly agent: AgentId
  readonly run: string
  readonly sequence: number
  readonly events: number
  /** A line of TabSeparated for each event. */
  readonly rows: Buffer
}

/** What became of the events of an append. */
export interface Appended {
  /** Rows written now. */
  readonly stored: number
  /** Events that were there already, because their batch was sent again. */
  readonly repeated: number
}

/** Many events, never changed: ClickHouse, in this process or behind a URL. */
export interface EventStore extends AsyncDisposable {
  /** Makes the rows of a batch; it was received now. */
  prepare(owned: OwnedBatch): PreparedBatch
  /**
   * Stores batches in one insert and resolves once they are on disk. A batch (tenant, agent, run, sequence) that is
   * there already is not stored twice. Batches of one run come in the order of their sequences. One call at a time:
   * `EventWriter` sees to both.
   *
   * @throws {CodedError} `disk-full`, `event-store-failed`; then nothing of it counts as stored and it may be tried again
   */
  append(batches: readonly (OwnedBatch | PreparedBatch)[]): Promise<Appended>
  /** Queries within one tenant; there are no others. */
  of(tenant: TenantId): TenantEvents
  /** What a tenant's events hold of persons. */
  personal(tenant: TenantId): PersonalEvents
  /** Throws when the store cannot answer. */
  ping(): Promise<void>
}

/** Which events. Everything that is given has to hold. */
export interface EventFilter {
  readonly kind?: EventKind
  /** Of one of these kinds. */
  readonly kinds?: readonly EventKind[]
  /** What it says happened; of what was said on a connection, the name of the protocol. */
  readonly activity?: string
  /** It says that something else happened. */
  readonly otherThan?: string
  readonly host?: AgentId
  /** Events of this process: it is the subject or it acted. */
  readonly processUid?: ProcessUid
  /** Milliseconds since the epoch, inclusive. */
  readonly since?: number
  /** Milliseconds since the epoch, exclusive. */
  readonly until?: number
  /** Text that stands somewhere in the event, upper and lower case alike; at most 1000 characters. */
  readonly search?: string
  /** Text that stands anywhere in it, also in what no column holds; slower. At most 1000 characters. */
  readonly anywhere?: string
  /** One of its ends lies within: both as text, IPv4 or IPv6. */
  readonly addresses?: { readonly first: string; readonly last: string }
  /** Of one of its ends. */
  readonly port?: number
  /** Text in the name of its process, upper and lower case alike; at most 1000 characters. */
  readonly processName?: string
  /** `tcp`, `udp`, ...: what a connection was made by. */
  readonly transport?: string
  /** Name of a flow: it, and what was said in it. */
  readonly flow?: string
  /** Of a file that is not what it was: whether the package manager made it so. */
  readonly byPackageManager?: boolean
}

/** Events that say the same happened. */
export interface ActivityCount {
  readonly kind: EventKind
  readonly activity: string
  readonly events: number
}

export interface Page {
  /** 1 to 1000. Default 50. */
  readonly limit?: number
  /** 0 to 100 000. Default 0. */
  readonly offset?: number
}

/** How many events in one slot of time. */
export interface EventRate {
  /** Start of the slot, milliseconds since the epoch. */
  readonly time: number
  readonly events: number
}

/** What is stored of one batch of an agent. */
export interface StoredBatch {
  readonly sequence: number
  /** Rows; more than `events` when something was stored twice. */
  readonly rows: number
  /** Different ids. */
  readonly events: number
  /** Least and greatest of the numbers at the end of the ids. */
  readonly first: number
  readonly last: number
}

/** Events of one tenant. Each method throws a CodedError `event-store-failed` when the store cannot answer. */
export interface TenantEvents {
  /** Newest first. */
  list(filter: EventFilter, page?: Page): Promise<Event[]>
  get(id: EventId): Promise<Event | undefined>
  count(filter: EventFilter): Promise<number>
  /**
   * What is stored of a run of an agent, by batch, in order. `first`, `last` and `events` together say of every one whether
   * it is there.
   *
   * @param from first sequence that is asked for
   * @param limit 1 to 100 000
   */
  ofRun(agent: AgentId, run: string, from: number, limit: number): Promise<readonly StoredBatch[]>
  /** The same by kind and activity. */
  countByActivity(filter: EventFilter): Promise<readonly ActivityCount[]>
  /** Events by host in a span of time, for rates and health. */
  countByHost(since: number, until: number): Promise<ReadonlyMap<AgentId, number>>
  /** One slot a minute, oldest first, empty ones too. At most 10 000 slots. */
  perMinute(since: number, until: number): Promise<EventRate[]>
  /** A host's events around a moment in `slots` slots of equal length (1 to 1000), oldest first, empty ones too. */
  around(host: AgentId, time: number, spanMs: number, slots: number): Promise<EventRate[]>
  /**
   * Events of processes, and the starts of their children, oldest first: what a process tree is drawn from. At most
   * 1000 uids.
   *
   * @param limit 1 to 20 000, default 5000
   */
  ofProcesses(uids: readonly ProcessUid[], since: number, until: number, limit?: number): Promise<Event[]>
}
