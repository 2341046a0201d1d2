import { DEFAULT_TENANT } from '@vedette/model'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Services } from '../services.ts'
import { viewHosts } from './host-view.ts'

/** Seconds from the event on the host to the alert that can be read. The promise: p50 0.05, p99 0.5. */
const LATENCY_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60]

/** Figures for Prometheus. Counts only: no name, path or text of an event stands in them. */
export interface Metrics {
  readonly contentType: string
  /** Prometheus' text format. */
  text(): Promise<string>
  /** Events of a batch that was stored. */
  stored(events: number): void
  refused(events: number): void
  /** An alert was published, so long after its event. */
  alert(severity: string, latencyMs: number): void
  close(): void
}

export function createMetrics(services: () => Services): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  const events = new Counter({
    name: 'vedette_events_total',
    help: 'Events that agents sent, by what became of them',
    labelNames: ['outcome'],
    registers,
  })
  const alerts = new Counter({
    name: 'vedette_alerts_total',
    help: 'New alerts by severity',
    labelNames: ['severity'],
    registers,
  })
  const latency = new Histogram({
    name: 'vedette_alert_latency_seconds',
    help: 'From the event on the host to the alert',
    buckets: LATENCY_BUCKETS,
    registers,
  })
  const sockets = new Gauge({
    name: 'vedette_sockets',
    help: 'Open sockets of people and programs',
    registers,
  })
  const connected = new Gauge({
    name: 'vedette_agents_connected',
    help: 'Agents that are connected',
    registers,
  })
  const hosts = new Gauge({ name: 'vedette_hosts', help: 'Hosts by state', labelNames: ['state'], registers })
  const rules = new Gauge({
    name: 'vedette_rules',
    help: 'Rules that judge, and faults in rule files',
    labelNames: ['state'],
    registers,
  })
  const part = {
    emitted: new Gauge({
      name: 'vedette_agent_part_emitted',
      help: 'What a part of an agent produced since the agent started',
      labelNames: ['agent', 'part'],
      registers,
    }),
    delivered: new Gauge({
      name: 'vedette_agent_part_delivered',
      help: 'What a part of an agent handed on since the agent started',
      labelNames: ['agent', 'part'],
      registers,
    }),
    lost: new Gauge({
      name: 'vedette_agent_part_lost',
      help: 'What a part of an agent lost since the agent started',
      labelNames: ['agent', 'part'],
      registers,
    }),
  }
  const difference = new Gauge({
    name: 'vedette_agent_books_difference',
    help: 'What an agent saw and neither handed on, nor lost, nor holds: 0, or something was lost uncounted',
    labelNames: ['agent', 'book'],
    registers,
  })
  const partKind = {
    emitted: new Gauge({
      name: 'vedette_agent_kind_emitted',
      help: 'What a part of an agent produced since the agent started, by kind',
      labelNames: ['agent', 'part', 'kind'],
      registers,
    }),
    lost: new Gauge({
      name: 'vedette_agent_kind_lost',
      help: 'What a part of an agent lost since the agent started, by kind',
      labelNames: ['agent', 'part', 'kind'],
      registers,
    }),
  }
  const spooled = new Gauge({
    name: 'vedette_agent_spooled_batches',
    help: 'Batches that wait on a host for the server',
    labelNames: ['agent'],
    registers,
  })
  const lostEver = new Gauge({
    name: 'vedette_agent_lost_events',
    help: 'Events that were lost on a host on their way to the server, in all lives of its agent',
    labelNames: ['agent'],
    registers,
  })
  const hostGauge = (name: string, help: string) =>
    new Gauge({ name: `vedette_host_${name}`, help, labelNames: ['agent'], registers })
  const usage = {
    cpuPercent: hostGauge('cpu_percent', 'Work of all processors of a host since the look before'),
    load1m: hostGauge('load1', 'Processes that ran or waited for the disk, averaged over a minute'),
    memoryTotalBytes: hostGauge('memory_bytes', 'Memory of a host'),
    memoryAvailableBytes: hostGauge('memory_available_bytes', 'Memory that programs may still take'),
    diskTotalBytes: hostGauge('disk_bytes', "Disk that holds the agent's data"),
    diskFreeBytes: hostGauge('disk_free_bytes', "Room on the disk that holds the agent's data"),
  }
  for (const outcome of ['stored', 'refused']) events.inc({ outcome }, 0)

  async function gather(): Promise<void> {
    const now = services()
    sockets.set(now.openSockets.size)
    connected.set(now.fleet.size)
    rules.set({ state: 'loaded' }, now.rules.loaded)
    rules.set({ state: 'faulty' }, now.rules.problems.length)
    const views = await viewHosts(now, DEFAULT_TENANT)
    for (const gauge of [
      ...Object.values(part),
      ...Object.values(partKind),
      ...Object.values(usage),
      spooled,
      lostEver,
      difference,
    ])
      gauge.reset()
    for (const state of ['reporting', 'silent'] as const) {
      hosts.set({ state }, views.filter((view) => view.state === state).length)
    }
    for (const { host, state } of views) {
      // What a silent host told last says nothing of now.
      if (host.report.usage !== undefined && state === 'reporting') {
        for (const [name, gauge] of Object.entries(usage)) {
          gauge.set({ agent: host.id }, host.report.usage[name as keyof typeof usage])
        }
      }
      spooled.set({ agent: host.id }, host.report.spooled)
      if (host.report.losses !== undefined) lostEver.set({ agent: host.id }, host.report.losses.events)
      for (const book of host.report.books ?? []) {
        difference.set({ agent: host.id, book: book.name }, book.difference)
      }
      for (const { name, counters, kinds } of host.report.parts) {
        for (const [kind, book] of Object.entries(kinds ?? {})) {
          partKind.emitted.set({ agent: host.id, part: name, kind }, book.emitted)
          partKind.lost.set({ agent: host.id, part: name, kind }, book.lost)
        }
        const labels = { agent: host.id, part: name }
        part.emitted.set(labels, counters.emitted)
        part.delivered.set(labels, counters.delivered)
        part.lost.set(labels, counters.lost)
      }
    }
  }

  return {
    contentType: registry.contentType,
    async text() {
      await gather()
      return registry.metrics()
    },
    stored: (n) => events.inc({ outcome: 'stored' }, n),
    refused: (n) => events.inc({ outcome: 'refused' }, n),
    alert(severity, latencyMs) {
      alerts.inc({ severity })
      latency.observe(Math.max(0, latencyMs) / 1000)
    },
    close: () => registry.clear(),
  }
}
