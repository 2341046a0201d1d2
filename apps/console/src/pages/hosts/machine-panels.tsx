import type { ResultOf } from '@vedette/client'
import type { hostDocument } from '../../api/documents.ts'
import { bytes, count, rate } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'

type Host = NonNullable<ResultOf<typeof hostDocument>['host']>

const resources: Readonly<Record<string, string>> = { cpu: 'Processors', memory: 'Memory', io: 'Disks' }
/** Of the last minute: from here on it is felt. */
const MUCH_PERCENT = 20

/** How the machine itself is: what it uses, and what had to wait. */
export function MachinePanel({ usage }: { readonly usage: NonNullable<Host['usage']> }) {
  const { disk_read_bytes_per_s: read, disk_write_bytes_per_s: written, open_files: open } = usage
  return (
    <section className="panel">
      <h2>This machine</h2>
      <dl>
        <div>
          <dt>Processors</dt>
          <dd>
            {count(usage.cpu_percent)} % in use, load {rate(usage.load_1m)}
          </dd>
        </div>
        <div>
          <dt>Memory free</dt>
          <dd>
            {bytes(usage.memory_available_bytes)} of {bytes(usage.memory_total_bytes)}
          </dd>
        </div>
        <div>
          <dt>Disk free</dt>
          <dd>
            {bytes(usage.disk_free_bytes)} of {bytes(usage.disk_total_bytes)}
          </dd>
        </div>
        {read !== null && written !== null && (
          <div>
            <dt>Disk traffic</dt>
            <dd>
              {bytes(read)}/s read, {bytes(written)}/s written
            </dd>
          </div>
        )}
        {open !== null && (
          <div>
            <dt>Open files</dt>
            <dd>{count(open)}</dd>
          </div>
        )}
      </dl>
      {usage.pressure.length > 0 && <Pressure usage={usage} />}
    </section>
  )
}

function Pressure({ usage }: { readonly usage: NonNullable<Host['usage']> }) {
  return (
    <table className="pressure">
      <caption>Waited for, % of the time (PSI)</caption>
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">Resource</span>
          </th>
          <th scope="col">10 s</th>
          <th scope="col">1 min</th>
          <th scope="col">5 min</th>
        </tr>
      </thead>
      <tbody>
        {usage.pressure.map(({ resource, some, full }) => (
          <tr
            key={resource}
            title={
              full
                ? `All at once: ${[full.avg10, full.avg60, full.avg300].map(rate).join(', ')} %`
                : undefined
            }
          >
            <th scope="row">{resources[resource] ?? resource}</th>
            {[some.avg10, some.avg60, some.avg300].map((share, at) => (
              // oxlint-disable-next-line react/no-array-index-key -- three columns, always
              <td key={at} className={share >= MUCH_PERCENT ? 'bad' : undefined}>
                {rate(share)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** What the agent takes of the machine, and whether its budget holds it back. */
export function AgentPanel({ use }: { readonly use: NonNullable<Host['own_use']> }) {
  return (
    <section className="panel">
      <h2>Its agent</h2>
      <Meter
        name="Processor"
        share={use.cpu_percent / use.cpu_limit_percent}
        text={`${rate(use.cpu_percent)} of ${count(use.cpu_limit_percent)} % of one`}
      />
      <Meter
        name="Memory"
        share={use.memory_bytes / use.memory_limit_bytes}
        text={`${bytes(use.memory_bytes)} of ${bytes(use.memory_limit_bytes)}`}
      />
      <p className={use.held_back === null ? undefined : 'problem'}>
        {use.held_back ?? 'Not held back.'}{' '}
        {use.kept_by === 'kernel'
          ? 'A control group keeps it to its budget.'
          : 'It keeps to its budget by itself, and cannot limit its memory.'}
      </p>
      <dl>
        <div>
          <dt>Disk traffic</dt>
          <dd>
            {bytes(use.disk_read_bytes_per_s)}/s read, {bytes(use.disk_write_bytes_per_s)}/s written
          </dd>
        </div>
        <div>
          <dt>Open files</dt>
          <dd>{count(use.open_files)}</dd>
        </div>
      </dl>
    </section>
  )
}

function Meter({
  name,
  share,
  text,
}: {
  readonly name: string
  readonly share: number
  readonly text: string
}) {
  const percent = Math.min(100, Math.max(0, 100 * share))
  return (
    <>
      <div className="meter-line">
        <span className="quiet">{name}</span> <span>{text}</span>
      </div>
      <div className="meter" aria-hidden="true">
        <i className={percent >= 90 ? 'high' : 'informational'} style={{ width: `${percent}%` }} />
      </div>
    </>
  )
}

/** Which sensor watches the kernel, and what only a better one would tell. */
export function SensorPanel({ sensor }: { readonly sensor: NonNullable<Host['sensor']> }) {
  const { each, by_looking: looking, unseen } = sensor
  return (
    <section className="panel">
      <h2>
        Sensor <span>{sensor.tier}</span>
      </h2>
      <p>
        <RawText text={sensor.description} />.
      </p>
      <dl className="wide">
        {each.length > 0 && <Kinds name={`As it happens (${count(each.length)})`} kinds={each} />}
        {looking.length > 0 && (
          <Kinds name="By looking again; what comes and goes between is missed" kinds={looking} />
        )}
        {unseen.length > 0 && <Kinds name="Not seen; a better sensor tells it" kinds={unseen} />}
      </dl>
    </section>
  )
}

function Kinds({ name, kinds }: { readonly name: string; readonly kinds: readonly string[] }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{kinds.map((kind) => kind.replaceAll('_', ' ')).join(', ')}</dd>
    </div>
  )
}
