import type { Severity } from '@vedette/model'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { bytes, count } from '../../format/quantity.ts'
import { ago } from '../../format/time.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'
import { indicatorList, indicatorSources } from './documents.ts'

export interface ListOptions {
  readonly type?: string
  readonly source?: string
  readonly severity?: Severity
  readonly search?: string
  readonly sighted?: boolean
  readonly limit: number
  readonly offset: number
}

export async function list(invocation: Invocation, options: ListOptions): Promise<void> {
  using client = connect(invocation.paths)
  const { limit, offset, type, source, severity, search, sighted } = options
  const { indicators } = await client.query(indicatorList, {
    limit,
    offset,
    ...(type !== undefined && { type }),
    ...(source !== undefined && { source }),
    ...(severity !== undefined && { severity }),
    ...(search !== undefined && { search }),
    ...(sighted !== undefined && { sighted }),
  })
  if (invocation.json) return printJson(invocation, indicators)
  if (indicators.length === 0) return printLine(invocation, 'No indicators.')
  const { style, clock } = invocation
  const now = clock.now()
  printTable(
    invocation,
    [
      { title: 'ID', align: 'right' },
      { title: 'TYPE' },
      { title: 'VALUE', flexible: true },
      { title: 'SEVERITY' },
      { title: 'SURE', align: 'right' },
      { title: 'TLP' },
      { title: 'SOURCE' },
      { title: 'ADDED' },
      { title: 'SEEN', align: 'right' },
    ],
    indicators.map((one) => [
      one.id,
      one.valid_until !== null && Date.parse(one.valid_until) <= now
        ? style.dim(`${one.type} (ended)`)
        : one.type,
      safe(one.value, 500),
      style.severity(one.severity),
      String(one.confidence),
      one.tlp,
      safe(one.source, 60),
      ago(Date.parse(one.added_at), now),
      one.sightings === 0 ? style.dim('never') : style.bad(count(one.sightings)),
    ]),
  )
}

export async function sources(invocation: Invocation): Promise<void> {
  using client = connect(invocation.paths)
  const { indicator_sources: all, indicator_status: status } = await client.query(indicatorSources)
  if (invocation.json) return printJson(invocation, { sources: all, status })
  const now = invocation.clock.now()
  if (all.length > 0) {
    printTable(
      invocation,
      [
        { title: 'SOURCE', flexible: true },
        { title: 'INDICATORS', align: 'right' },
        { title: 'SEEN HERE', align: 'right' },
        { title: 'NEWEST' },
      ],
      all.map((one) => [
        safe(one.source, 200),
        count(one.indicators),
        count(one.sighted),
        ago(Date.parse(one.newest), now),
      ]),
    )
    printLine(invocation)
  }
  const state = status.loaded ? `${count(status.indicators)} in force` : 'being read, not all in force yet'
  printLine(
    invocation,
    `${state}, ${bytes(status.memory_bytes)} of memory; ${count(status.detections)} matches since the start, ${count(status.allowed)} kept silent by the allow list`,
  )
  if (status.refused > 0) {
    printLine(
      invocation,
      invocation.style.warn(`${count(status.refused)} patterns are not matched: there are too many`),
    )
  }
}
