import { bytes, count } from '../../format/quantity.ts'
import type { Style } from '../../format/style.ts'
import { safe } from '../../print.ts'
import type { Status } from './run.ts'

type Host = Status['hosts'][number]

/** How a host is, what its agent takes of it, and what its sensor sees: one line each, of what it has told. */
export function hostLines(host: Host, style: Style): string[] {
  return [
    ...usageLines(host),
    ...pressureLine(host, style),
    ...agentLines(host, style),
    ...sensorLines(host, style),
  ]
}

function usageLines({ usage }: Host): string[] {
  if (usage === null) return []
  const memory = `${bytes(usage.memory_available_bytes)} of ${bytes(usage.memory_total_bytes)} memory`
  const disk = `${bytes(usage.disk_free_bytes)} of ${bytes(usage.disk_total_bytes)} disk`
  const lines = [`${usage.cpu_percent.toFixed(0)} % of its processors in use; free: ${memory}, ${disk}`]
  const { open_files: open, open_files_limit: most } = usage
  if (usage.disk_read_bytes_per_s !== null && usage.disk_write_bytes_per_s !== null) {
    const traffic = diskText(usage.disk_read_bytes_per_s, usage.disk_write_bytes_per_s)
    lines.push(open === null ? traffic : `${traffic}; ${count(open)} files open${mostText(most)}`)
  }
  return lines
}

/** What the kernel allows where it allows no end of them is a number that tells nobody anything. */
function mostText(most: number | null): string {
  return most === null || most > 1e12 ? '' : ` of ${count(most)}`
}

function pressureLine({ usage }: Host, style: Style): string[] {
  if (usage === null || usage.pressure.length === 0) return []
  const texts = usage.pressure.map(({ resource, some }) => {
    const text = `${resource} ${[some.avg10, some.avg60, some.avg300].map((share) => share.toFixed(0)).join('/')} %`
    return some.avg60 >= 20 ? style.warn(text) : text
  })
  return [`waited for, of the last 10 s/1 min/5 min: ${texts.join(', ')}`]
}

function agentLines({ own_use: use }: Host, style: Style): string[] {
  if (use === null) return []
  const cpu = `${use.cpu_percent.toFixed(1)} of ${use.cpu_limit_percent.toFixed(0)} % of a processor`
  const memory = `${bytes(use.memory_bytes)} of ${bytes(use.memory_limit_bytes)} memory`
  const disk = diskText(use.disk_read_bytes_per_s, use.disk_write_bytes_per_s)
  const keeper = use.kept_by === 'kernel' ? 'a control group keeps it to that' : 'it keeps to that by itself'
  const line = `its agent takes ${cpu}, ${memory}; ${keeper}; ${disk}; ${count(use.open_files)} files open`
  return [line, use.held_back === null ? style.good('not held back') : style.warn(use.held_back)]
}

function sensorLines({ sensor, given_up: lost }: Host, style: Style): string[] {
  if (sensor === null) return []
  const names = (kinds: readonly string[]) => kinds.map((kind) => safe(kind, 64)).join(', ')
  const lines = [`${style.bold(safe(sensor.tier))}: ${safe(sensor.description, 200)}`]
  if (sensor.by_looking.length > 0) {
    lines.push(`${style.warn('found by looking again')}: ${names(sensor.by_looking)}`)
  }
  if (sensor.unseen.length > 0)
    lines.push(`${style.warn('only a better sensor tells')}: ${names(sensor.unseen)}`)
  const texts = lost.map(({ kind, lost }) => `${safe(kind, 64)} ${count(lost)}`)
  lines.push(
    texts.length === 0
      ? style.good('no kind of record was given up')
      : `${style.bad('given up')}: ${texts.join(', ')}`,
  )
  return lines
}

function diskText(read: number, written: number): string {
  return `disks: ${bytes(read)}/s read, ${bytes(written)}/s written`
}
