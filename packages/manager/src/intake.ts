import { type Clock, CodedError, type Counters, type Logger } from '@vedette/base'
import { correlate, type CorrelationConfig } from '@vedette/correlate'
import type { Engine, FindingJudge } from '@vedette/detect'
import type { AgentId, Alert, EventBatch, TenantId } from '@vedette/model'
import type { EventWriter, StateStore } from '@vedette/store'
import type { Bus } from './bus.ts'
import { CaseDesk } from './case-desk.ts'
import { DeliveredBatches } from './delivered-batches.ts'
import type { DetectionMemory } from './detection-memory.ts'
import type { IndicatorDesk } from './intel/indicator-desk.ts'
import { LatencyWindow } from './latency-window.ts'

/** Former runs of an agent whose deliveries are still remembered; a spool holds batches of few. */
const RUNS_PER_AGENT = 8

/** One batch and whose it is, by the credential that it came with. */
export interface Delivery {
  readonly tenant: TenantId
  readonly agent: AgentId
  readonly batch: EventBatch
}

/** Where batches come in: judged, stored, made into cases and told on, in this order of promises. */
export interface Intake {
  /**
   * Resolves once every event of the batch is on disk and so is every alert that came of it; only then may the agent be
   * told. Rejects when a store failed: the batch may come again and does no harm.
   */
  receive(delivery: Delivery): Promise<void>
  /** In events. `lost` are those whose storing failed; their sender still has them. */
  counters(): Counters
  /** Milliseconds from an event on its host to its alert in the store, over the last 1000 alerts. */
  alertLatency(q: number): number | undefined
}

export interface IntakeOptions {
  readonly engine: Engine
  /** What the engine counts lasts through a restart; left out, it does not. */
  readonly memory?: DetectionMemory
  /** Judges what scans of files found. */
  readonly findings: FindingJudge
  /** Judges by what is known of attackers; left out, nothing is. */
  readonly indicators?: IndicatorDesk
  readonly correlation: CorrelationConfig
  readonly events: EventWriter
  readonly state: StateStore
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Logger
  /** Told of each new alert once it is stored: what policy makes of it. Its failure does not hold up the intake. */
  readonly onAlert?: (tenant: TenantId, alert: Alert) => Promise<void>
}

export function createIntake(options: IntakeOptions): Intake {
  const { engine, memory, findings, indicators, events, state, bus, clock, log } = options
  const latency = new LatencyWindow()
  const runs = new Map<string, Map<string, DeliveredBatches>>()
  let emitted = 0
  let delivered = 0
  let lost = 0

  const desk = new CaseDesk(async (tenant, detections) => {
    const settled = await state
      .of(tenant)
      .correlation((ledger) => correlate(detections, ledger, { tenant, clock, config: options.correlation }))
    const now = clock.now()
    for (const alert of settled.created) {
      latency.add(now - alert.time)
      bus.publish('alert', alert)
      options.onAlert?.(tenant, alert).catch((error: unknown) => {
        log.error({ error, alert: alert.id }, 'no answer was found to an alert')
      })
    }
    for (const incident of settled.incidents) bus.publish('incident', incident)
  })

  const deliveriesOf = ({ tenant, agent, batch }: Delivery): DeliveredBatches => {
    const agentKey = `${tenant}/${agent}`
    const agentRuns = runs.get(agentKey) ?? new Map<string, DeliveredBatches>()
    runs.set(agentKey, agentRuns)
    const deliveries = agentRuns.get(batch.run) ?? new DeliveredBatches()
    // Last used last, so that the first is the one to forget.
    agentRuns.delete(batch.run)
    agentRuns.set(batch.run, deliveries)
    for (const run of agentRuns.keys()) {
      if (agentRuns.size <= RUNS_PER_AGENT) break
      agentRuns.delete(run)
    }
    return deliveries
  }

  /** Judges and hands on; what is waited for afterwards holds no event any more, so that they are gone while young. */
  const take = (delivery: Delivery): Promise<void> => {
    const { tenant, agent, batch } = delivery
    const { sequence } = batch
    const deliveries = deliveriesOf(delivery)
    if (deliveries.isFinished(sequence)) return Promise.resolve()
    const running = deliveries.running(sequence)
    if (running) return running
    for (const event of batch.events) {
      // An agent speaks for its own host, whatever the event says.
      if (event.device.uid !== agent) {
        throw new CodedError('foreign-host', `Event ${event.id} names another host than its agent's`)
      }
    }
    emitted += batch.events.length
    const detections = deliveries.judge(sequence, () => [
      ...engine.evaluate(batch.events),
      ...findings(batch.events),
      ...(indicators?.evaluate(tenant, batch.events) ?? []),
    ])
    const work = both(events.write(delivery), desk.bring(tenant, detections))
    return counted(batch.events.length, deliveries.follow(sequence, work))
  }

  const counted = async (count: number, work: Promise<void>): Promise<void> => {
    try {
      await work
      delivered += count
    } catch (error) {
      lost += count
      throw error
    }
  }

  const taken = (delivery: Delivery): Promise<void> => {
    try {
      return take(delivery)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  const takeOnceReady = async (delivery: Delivery): Promise<void> => {
    // At the start a batch waits until all that is known is in memory.
    await indicators?.ready(delivery.tenant)
    await memory?.ready()
    return take(delivery)
  }

  return {
    // Not `async`: that would hold the events for as long as it waits.
    receive(delivery) {
      const isReady = indicators?.ready(delivery.tenant) === undefined && memory?.ready() === undefined
      return isReady ? taken(delivery) : takeOnceReady(delivery)
    },

    counters: () => ({ emitted, delivered, lost }),
    alertLatency: (q) => latency.quantile(q),
  }
}

/** Waits for both to end before it fails, so that a retry does not run beside what is left of the first try. */
async function both(first: Promise<void>, second: Promise<void>): Promise<void> {
  const failed = (await Promise.allSettled([first, second])).find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}
