import { ApiError, graphql, type ResultOf } from '@vedette/client'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { connect, readEndpoint } from '../../connection.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { bytes, count } from '../../format/quantity.ts'
import { ago } from '../../format/time.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'
import { hostLines } from './host-lines.ts'

const statusQuery = graphql(`
  query Status {
    system_health {
      status
      checks {
        name
        status
        value
        message
      }
    }
    analytics_metrics {
      events_total
      events_per_second
      events_lost
      alerts_total
      alerts_open
      incidents_open
      rules_loaded
      rules_rejected
      memory_bytes
    }
    hosts {
      id
      hostname
      kernel
      version
      state
      last_seen
      spooled
      memory_bytes
      events_per_second
      lost
      usage {
        time
        cpu_percent
        load_1m
        memory_total_bytes
        memory_available_bytes
        disk_total_bytes
        disk_free_bytes
        disk_read_bytes_per_s
        disk_write_bytes_per_s
        open_files
        open_files_limit
        pressure {
          resource
          some {
            avg10
            avg60
            avg300
          }
          full {
            avg10
            avg60
            avg300
          }
        }
      }
      own_use {
        time
        kept_by
        cpu_percent
        cpu_limit_percent
        memory_bytes
        memory_limit_bytes
        disk_read_bytes_per_s
        disk_write_bytes_per_s
        open_files
        held_back_percent
        memory_reclaims
        held_back
      }
      sensor {
        tier
        description
        each
        by_looking
        unseen
      }
      books {
        name
        emitted
        delivered
        lost
        waiting
        difference
      }
      given_up {
        kind
        lost
      }
      parts {
        name
        state
        emitted
        delivered
        lost
        kinds {
          kind
          emitted
          delivered
          lost
        }
      }
      blind_spots {
        code
        message
      }
    }
  }
`)

export type Status = ResultOf<typeof statusQuery>

/** Exits with 3 when nothing runs, having said so; with 0 otherwise, whatever the health. */
export async function status(
  invocation: Invocation,
  options: { readonly kinds?: boolean } = {},
): Promise<ExitCode> {
  const { paths } = invocation
  let answer: Status
  let endpoint: ReturnType<typeof readEndpoint>
  try {
    endpoint = readEndpoint(paths)
    using client = connect(paths)
    answer = await client.query(statusQuery)
  } catch (error) {
    if (!invocation.json || !isAway(error)) throw error
    printJson(invocation, { running: false, home: paths.home, parts: [] })
    return exitCodes.notRunning
  }
  const { system_health: health, analytics_metrics: metrics, hosts } = answer
  if (invocation.json) {
    printJson(invocation, {
      running: true,
      home: paths.home,
      url: endpoint.url,
      pid: endpoint.pid,
      health: health.status,
      parts: partsOf(answer),
      blind_spots: hosts.flatMap((host) =>
        host.blind_spots.map((spot) => ({ host: host.hostname, ...spot })),
      ),
      metrics,
      hosts,
    })
    return exitCodes.ok
  }
  const { style, clock } = invocation
  const line = (text = '') => printLine(invocation, text)
  const colour =
    { healthy: style.good, degraded: style.warn, unhealthy: style.bad }[health.status] ?? style.bad
  line(`${style.bold('Vedette')} runs in ${safe(paths.home)}: ${endpoint.url}, process ${endpoint.pid}`)
  line(
    `${colour(health.status)}, ${count(metrics.events_per_second)} events/s, ${count(metrics.events_total)} events,`,
  )
  line(
    `${metrics.alerts_open} open alerts, ${metrics.incidents_open} open incidents, ${metrics.rules_loaded} rules`,
  )
  line()
  printTable(
    invocation,
    [
      { title: 'PART' },
      { title: 'STATE' },
      { title: 'EMITTED', align: 'right' },
      { title: 'DELIVERED', align: 'right' },
      { title: 'LOST', align: 'right' },
      { title: 'ABOUT', flexible: true },
    ],
    partsOf(answer, options.kinds).map(({ name, state, counters, message }) => [
      safe(name, 60),
      paintState(state, style),
      counters === null ? '' : count(counters.emitted),
      counters === null ? '' : count(counters.delivered),
      counters === null ? '' : counters.lost > 0 ? style.bad(count(counters.lost)) : '0',
      safe(message ?? '', 200),
    ]),
  )
  for (const host of hosts) {
    line()
    const seen = `${ago(Date.parse(host.last_seen), clock.now())}, ${bytes(host.memory_bytes)}`
    line(
      `${style.bold(safe(host.hostname))} ${style.dim(`kernel ${safe(host.kernel)}, ${host.state}, ${seen}`)}`,
    )
    for (const text of hostLines(host, style)) line(`  ${text}`)
    if (host.spooled > 0) line(`  ${style.warn(`${host.spooled} batches wait for the server`)}`)
    if (host.blind_spots.length === 0)
      line(`  ${style.good('nothing that its sensors know of is out of sight')}`)
    for (const { code, message } of host.blind_spots) line(`  ${style.warn(safe(code))} ${safe(message)}`)
  }
  return exitCodes.ok
}

interface PartStatus {
  readonly name: string
  readonly state: string
  readonly counters: { readonly emitted: number; readonly delivered: number; readonly lost: number } | null
  readonly message: string | null
}

/** The server's parts, as its health checks tell of them, and those of each agent. */
function partsOf({ system_health: health, hosts }: Status, kinds = false): PartStatus[] {
  return [
    ...health.checks.map(({ name, status: state, value, message }) => ({
      name: `server/${name}`,
      state,
      counters: null,
      message: value === null ? message : `${value} ${message}`,
    })),
    ...hosts.flatMap((host) => [
      {
        name: `agent/${host.hostname}`,
        state: host.state,
        counters: null,
        message: `version ${host.version}`,
      },
      ...host.parts.flatMap((part) => {
        const name = `agent/${host.hostname}/${part.name}`
        const { state, emitted, delivered, lost } = part
        const whole = { name, state, counters: { emitted, delivered, lost }, message: null }
        if (!kinds) return [whole]
        const each = part.kinds.map(({ kind, ...counters }) => ({
          name: `${name}/${kind}`,
          state: '',
          counters,
          message: null,
        }))
        return [whole, ...each]
      }),
    ]),
  ]
}

function paintState(state: string, style: Invocation['style']): string {
  if (['healthy', 'running', 'reporting'].includes(state)) return style.good(state)
  if (['unhealthy', 'failed', 'silent'].includes(state)) return style.bad(state)
  return style.warn(safe(state))
}

function isAway(error: unknown): boolean {
  return (
    (error instanceof CliError && error.exitCode === exitCodes.notRunning) ||
    (error instanceof ApiError && error.code === 'unreachable')
  )
}
