/**
 * Records Events of real runs with the sensor itself.
 *
 *     scripts/record-events.ts [--watch PATH]... -- COMMAND [ARGUMENT]...
 *     scripts/record-events.ts --cases [SLUG]...
 *
 * The first form runs a command and prints, one a line, the Events of the command and of what it started. The second
 * makes the cases of our rules anew: it runs what `cases/record.yml` of each rule says, in a scratch folder that stands
 * for the root folder, and writes `cases/hit-*.json` and `cases/miss-*.json`; and the ordinary days of
 * `content/ordinary` (SLUG `ordinary`).
 *
 * Only names are changed in what was seen: the host is `web-1`, the scratch folder is `/`, and what stands above the
 * command in the process tree is a login over SSH, or systemd. Needs root and the kernel's BTF.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { silentLogger, systemClock } from '@vedette/base'
import { collectors } from '@vedette/collect'
import {
  type CompiledCorrelation,
  type CompiledRule,
  createEngine,
  formatProblem,
  loadRules,
} from '@vedette/detect'
import { type AgentId, type Event, type ProcessEntity, processOf, type RawRecord } from '@vedette/model'
import { FileIntegrity, integrityConfigSchema } from '@vedette/manager/integrity'
import { differences, readInventory } from '@vedette/collect/inventory'
import { SideProcess } from '@vedette/collect/side'
import { createNormaliser, normaliseConfigSchema } from '@vedette/normalise'
import { parse } from 'yaml'
import { z } from 'zod'

const ordinaryFolder = fileURLToPath(new URL('../content/ordinary', import.meta.url))
const rulesFolder = fileURLToPath(new URL('../content/rules/linux', import.meta.url))

/** One case: what is done, and what of it is kept. `{root}`, `{port}` in texts are the scratch folder and a local port. */
const caseSchema = z.strictObject({
  /** Programs to be there, by their path under the scratch folder: copies of these programs of the machine. */
  programs: z.record(z.string(), z.string()).default({}),
  /** Files to be there. */
  files: z.record(z.string(), z.string()).default({}),
  /** Paths under the scratch folder of which every access is watched. */
  watch: z.array(z.string()).default([]),
  /** Commands, one after the other. */
  run: z.array(z.array(z.string()).min(1)).default([]),
  /** What started the commands: a login over SSH, or systemd itself. */
  parent: z.enum(['login', 'systemd']).default('login'),
  /** User id of the commands. */
  user: z.int().optional(),
  /** Lines that a log gets before the commands run; `{ago:30}` is the time 30 seconds ago. */
  lines: z.array(z.string()).default([]),
  log: z.string().default('/var/log/auth.log'),
  /** Configuration of the collector of use, which runs beside; what it tells of cgroups is left out. */
  usage: z.record(z.string(), z.unknown()).optional(),
  /** What stands in the Events of use instead of what was measured: a machine that is really full records nothing. */
  measured: z.record(z.string(), z.number()).default({}),
  /** Its Events are told evenly over so many days: what is learnt in weeks is recorded in seconds. */
  days: z.number().positive().max(365).optional(),
  /** What the agent notices of itself. */
  sensor: z.array(z.record(z.string(), z.unknown())).default([]),
  /** What differs in the inventory of the scratch folder before and after, besides what the kernel told. */
  inventory: z.boolean().default(false),
  /** What differs from a baseline of the watched paths; with what databases of packages would say of it. */
  integrity: z.looseObject({}).optional(),
  /** Configuration of what stops programs at their start, with paths under the scratch folder. */
  stops: z.looseObject({ programs: z.array(z.string()), off_file: z.string() }).optional(),
  /** Of a miss: text that the events to keep have in them. */
  keep: z.string().optional(),
  /** Of a hit: other rules that fire on the same events, by their folder. */
  also: z.array(z.string()).default([]),
})
/** Types of rules that tell the last event alone, and need those before it. */
const remembers = new Set(['first-seen', 'beacon'])
const manifestSchema = z.record(z.string().regex(/^[a-z0-9-]+$/), caseSchema)
type Case = z.output<typeof caseSchema>

const device = { uid: '7d0c5f0e-5a34-4b0e-9a52-6f0a6f1d2c3b' as AgentId, hostname: 'web-1' }

/** Runs `act` under the sensor and gives every Event of the processes below this one, and of the log. */
async function record(
  options: {
    readonly watch: readonly string[]
    readonly log?: string
    readonly usage?: Readonly<Record<string, unknown>> | undefined
    readonly sensor?: readonly Readonly<Record<string, unknown>>[]
    readonly root?: string
    readonly inventory?: boolean
    readonly stops?: Case['stops']
    readonly integrity?: Readonly<Record<string, unknown>> | undefined
  },
  act: () => Promise<void>,
): Promise<Event[]> {
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  using normaliser = createNormaliser({
    device,
    bootId,
    run: '00000000000000c5',
    config: normaliseConfigSchema.parse({}),
    clock: systemClock,
    log: silentLogger,
  })
  const context = { log: silentLogger, clock: systemClock }
  const open = async (name: string, config: object) => {
    const kind = collectors.find((candidate) => candidate.name === name)
    if (!kind) throw new RangeError(`there is no collector ${name}`)
    return kind.open(kind.schema.parse(config), context)
  }
  await using kernel = await open('ebpf', { watch_paths: options.watch, watch_reads: options.watch })
  await using file = await open('file', { paths: options.log ? [options.log] : [], start: 'beginning' })
  await using usage = await open('usage', options.usage ?? { interval_ms: 600_000 })
  const { stops, root = '' } = options
  await using guard =
    stops &&
    (await open('kill-at-exec', {
      ...stops,
      programs: stops.programs.map((path) => join(root, path)),
      off_file: join(root, stops.off_file),
    }))
  const stop = new AbortController()
  const events: Event[] = []
  let ready = false
  const differing: RawRecord[] = []
  await using side = new SideProcess()
  await using integrity =
    options.integrity && openIntegrity(options, side, (record) => differing.push(record))
  await integrity?.start(async () => undefined)
  await integrity?.settled()
  const inventory = () =>
    options.inventory === true
      ? readInventory({ root: options.root ?? '', exclude: [], maxFiles: 1000 })
      : new Map()
  const read = async (batches: AsyncIterable<readonly RawRecord[]>) => {
    for await (const batch of batches) {
      const made = await normaliser.normalise(batch)
      integrity?.observe(made)
      events.push(...made)
      ready = true
    }
  }
  const reading = read(kernel.records(stop.signal))
  const readingUsage = options.usage === undefined ? undefined : read(usage.records(stop.signal))
  const readingGuard = guard && read(guard.records(stop.signal))
  const readingFile = options.log === undefined ? undefined : read(file.records(stop.signal))
  for (let i = 0; i < 100 && !ready; i += 1) await delay(20)
  const from = events.length
  const before = inventory()
  await act()
  const noticed = (options.sensor ?? []).map(
    (said) => ({ source: 'sensor', timeMs: systemClock.now(), ...said }) as unknown as RawRecord,
  )
  events.push(...(await normaliser.normalise(noticed)))
  await delay(600)
  if (integrity) await delay(600)
  if (guard) await delay(2500)
  const timeMs = systemClock.now()
  const counted = differences(before, inventory()).map((told): RawRecord => ({
    source: 'inventory',
    timeMs,
    ...told,
  }))
  events.push(...(await normaliser.normalise([...differing, ...counted])))
  stop.abort()
  await Promise.all([reading, readingFile, readingUsage, readingGuard])
  return events.slice(from).filter((event) => {
    const subject = processOf(event)
    if (event.kind === 'usage' && subject === undefined) return event.cgroup === undefined
    return !subject || subject.ancestry?.some(({ pid }) => pid === process.pid)
  })
}

/** A baseline of the watched paths, of which is said what databases of packages would say. */
function openIntegrity(
  { watch, root = '', integrity: said }: Parameters<typeof record>[0],
  side: SideProcess,
  found: (record: RawRecord) => void,
): FileIntegrity {
  return new FileIntegrity({
    config: integrityConfigSchema.parse({ paths: watch, settle_ms: 20 }),
    folder: join(dirname(root), 'kept'),
    side,
    found: ({ process: actor, ...record }) => {
      const integrity = { ...record.integrity, ...said }
      const isSeen = integrity.seen === 'watched' && actor !== undefined
      found({ ...record, integrity, ...(isSeen && { process: actor }) })
    },
    clock: systemClock,
    log: silentLogger,
  })
}

/** Answers HTTP with a harmless script, and anything else with nothing; then closes. */
async function serve(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.setTimeout(300, () => socket.end('exit 0\n'))
    socket.once('data', (data) => {
      const script = 'true\n'
      if (/^(GET|POST|PUT|HEAD) /.test(data.toString('latin1'))) {
        socket.end(
          `HTTP/1.1 200 OK\r\nContent-Length: ${script.length}\r\nConnection: close\r\n\r\n${script}`,
        )
      } else {
        socket.end()
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new TypeError('no port')
  return { server, port: address.port }
}

async function run(argv: readonly string[], root: string, user: number | undefined): Promise<void> {
  const [command = '', ...rest] = argv
  const path = ['/usr/sbin', '/usr/bin', '/sbin', '/bin']
  const child: ChildProcess = spawn(command, rest, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'ignore'],
    env: {
      PATH: [...path.map((folder) => root + folder), ...path].join(':'),
      HOME: `${root}/root`,
      LANG: 'C.UTF-8',
    },
    timeout: 20_000,
    ...(user === undefined ? {} : { uid: user, gid: user }),
  })
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => resolve())
    child.once('error', reject)
  })
}

/** What a login over SSH would have above the command. */
const login: readonly ProcessEntity[] = [
  ['bash', '/usr/bin/bash', '-bash', 2204],
  ['sshd', '/usr/sbin/sshd', 'sshd: root@pts/0', 2198],
  ['sshd', '/usr/sbin/sshd', 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups', 811],
  ['systemd', '/usr/lib/systemd/systemd', '/sbin/init', 1],
].map(([name, path, cmd_line, pid]) => ({
  uid: `8f1c2d3e-${pid}-${Number(pid) * 3}` as ProcessEntity['uid'],
  pid: Number(pid),
  name: String(name),
  path: String(path),
  cmd_line: String(cmd_line),
  user: { uid: '0', name: 'root' },
}))

/** Changes names and nothing else; see the head of this file. */
function anonymous(event: Event, root: string, above: readonly ProcessEntity[] = login): Event {
  const text = JSON.stringify(event, (_, value: unknown) => {
    if (typeof value !== 'string' || !value.includes(root)) return value
    return value === root ? '/' : value.replaceAll(root, '')
  })
  const copy = JSON.parse(text) as Event
  const subject = processOf(copy) as
    | {
        ancestry?: readonly ProcessEntity[]
        parent_process?: ProcessEntity
        cgroup?: string
        container?: unknown
      }
    | undefined
  if (!subject) return copy
  // What was done to whoever records was done to who started the commands.
  const target = copy as { target_process?: ProcessEntity; message?: string }
  if (target.target_process?.pid === process.pid && above[0] !== undefined) {
    target.message = target.message?.replace(` ${target.target_process.name}`, ` ${above[0].name}`) ?? ''
    target.target_process = above[0]
  }
  const own = subject.ancestry ?? []
  const here = own.findIndex(({ pid }) => pid === process.pid)
  subject.ancestry = [...own.slice(0, here), ...above]
  if (here === 0 && copy.message?.startsWith('node ') === true) {
    ;(copy as { message?: string }).message = copy.message.replace('node', above[0]?.name ?? '')
  }
  if (subject.ancestry[0]) subject.parent_process = subject.ancestry[0]
  const group = '/user.slice/user-0.slice/session-4.scope'
  if (subject.cgroup !== undefined) subject.cgroup = group
  if (copy.kind === 'usage') (copy as { cgroup?: string }).cgroup = group
  delete subject.container
  return copy
}

/** Puts a case's files in place, does it, and gives its Events. */
async function perform(one: Case): Promise<Event[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'vedette-record-'))
  const root = join(scratch, 'root')
  const { server, port } = await serve()
  const fill = (text: string) => text.replaceAll('{root}', root).replaceAll('{port}', String(port))
  try {
    for (const folder of ['etc', 'root', 'tmp', 'usr/bin', 'var/log'])
      mkdirSync(join(root, folder), { recursive: true })
    for (const folder of [scratch, root, join(root, 'tmp')]) chmodSync(folder, 0o777)
    for (const [path, text] of Object.entries(one.files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), fill(text), { mode: 0o755 })
    }
    for (const [path, program] of Object.entries(one.programs)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      copyFileSync(program, join(root, path))
      chmodSync(join(root, path), 0o755)
    }
    const log = join(root, one.log)
    if (one.lines.length > 0) writeFileSync(log, '')
    const watch = one.watch.map((path) => join(root, path))
    const { usage, sensor } = one
    const { inventory, integrity, stops } = one
    const surroundings = {
      watch,
      usage,
      sensor,
      root,
      inventory,
      integrity,
      stops,
      ...(one.lines.length > 0 ? { log } : {}),
    }
    const events = await record(surroundings, async () => {
      const lines = one.lines.map((line) =>
        line.replace(/\{ago:(\d+)\}/, (_, seconds) => ago(Number(seconds))),
      )
      if (lines.length > 0) appendFileSync(log, lines.map((line) => `${line}\n`).join(''))
      if (lines.length > 0 && one.run.length > 0) await delay(1000)
      for (const argv of one.run) await run(argv.map(fill), root, one.user)
    })
    const above = one.parent === 'login' ? login : login.slice(-1)
    const told = events.map((event) => (event.kind === 'usage' ? { ...event, ...one.measured } : event))
    return spread(told, one.days).map((event) => anonymous(event, root, above))
  } finally {
    server.close()
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** The same in the same order, from so many days ago until now. */
function spread(events: readonly Event[], days: number | undefined): readonly Event[] {
  const last = events.at(-1)
  if (days === undefined || last === undefined) return events
  const stepMs = (days * 86_400_000) / events.length
  return events.map((event, at) => ({ ...event, time: last.time - (events.length - 1 - at) * stepMs }))
}

/** A time as rsyslog writes it. */
function ago(seconds: number): string {
  return new Date(systemClock.now() - seconds * 1000).toISOString().replace('Z', '000+00:00')
}

function write(file: string, events: readonly Event[]): void {
  writeFileSync(file, `[\n${events.map((event) => `  ${JSON.stringify(event)}`).join(',\n')}\n]\n`)
}

function manifestAt(folder: string): [name: string, one: Case][] {
  const data: unknown = parse(readFileSync(join(folder, 'record.yml'), 'utf8'), { merge: true })
  return Object.entries(manifestSchema.parse(data))
}

async function recordCases(only: readonly string[]): Promise<number> {
  // The values that content/rules/rules.test.ts uses too.
  const parameters = { blacklisted_ips: ['203.0.113.66'], whitelisted_ips: ['192.0.2.0/24'] }
  const { rules, correlations, problems } = await loadRules([rulesFolder], { parameters })
  for (const problem of problems) console.error(formatProblem(problem))
  let failures = problems.length
  for (const subject of subjectsOf(rules, correlations)) {
    const folder = join(dirname(subject.file), 'cases')
    const slug = subject.file.split('/').at(-2) ?? ''
    if (only.length > 0 && !only.includes(slug)) continue
    for (const [name, one] of manifestAt(folder)) {
      const events = await perform(one)
      const kept = name.startsWith('hit') ? firing(subject, events) : quiet(subject, events, one.keep ?? '')
      if (kept.length === 0) {
        failures += 1
        console.error(`${slug}: ${name}: ${events.length} events, none to keep`)
        for (const event of events) console.error(`    ${event.kind}: ${event.message ?? ''}`)
        continue
      }
      write(join(folder, `${name}.json`), kept)
      console.log(`${slug}: ${name}: ${kept.length} of ${events.length} events`)
    }
  }
  return failures
}

/** What happens on any server on any day; no rule fires on it. */
async function recordOrdinary(): Promise<void> {
  for (const [name, one] of manifestAt(ordinaryFolder)) {
    const events = await perform(one)
    write(join(ordinaryFolder, `${name}.json`), events)
    console.log(`ordinary: ${name}: ${events.length} events`)
  }
}

/** What cases are about: a rule, or a correlation with the rules that it refers to. */
interface Subject {
  readonly id: string
  readonly file: string
  readonly rules: readonly CompiledRule[]
  readonly correlations: readonly CompiledCorrelation[]
}

function subjectsOf(
  rules: readonly CompiledRule[],
  correlations: readonly CompiledCorrelation[],
): readonly Subject[] {
  const counted = correlations.map((correlation): Subject => {
    const { id, file } = correlation.info
    const parts = rules.filter((rule) => correlation.references.includes(rule.info.id))
    return { id, file, rules: parts, correlations: [correlation] }
  })
  const files = new Set(counted.map(({ file }) => file))
  const single = rules
    // A rule beside a correlation is a part of it.
    .filter(({ info }) => !files.has(info.file))
    .map((rule): Subject => ({ id: rule.info.id, file: rule.info.file, rules: [rule], correlations: [] }))
  return [...single, ...counted]
}

/** The events at which a subject fires first, with those at which its parts did. */
function firing({ id, rules, correlations }: Subject, events: readonly Event[]): readonly Event[] {
  const engine = createEngine(rules, { clock: systemClock, log: silentLogger, correlations })
  const kept = new Set<Event>()
  for (const { rule, events: those } of engine.evaluate(events)) {
    for (const event of those) kept.add(event)
    if (rule.id !== id) continue
    // What such a rule learnt is in none of its alerts.
    return remembers.has(rule.type) ? events : events.filter((event) => kept.has(event))
  }
  return []
}

function quiet({ rules }: Subject, events: readonly Event[], text: string): readonly Event[] {
  return events
    .filter(
      (event) => rules.some(({ routes }) => routes.has(event.kind)) && JSON.stringify(event).includes(text),
    )
    .slice(0, 200)
}

const { values, positionals } = parseArgs({
  options: { cases: { type: 'boolean' }, watch: { type: 'string', multiple: true, default: [] } },
  allowPositionals: true,
})
if (values.cases === true) {
  if (positionals.length === 0 || positionals.includes('ordinary')) await recordOrdinary()
  process.exitCode = (await recordCases(positionals)) > 0 ? 1 : 0
} else if (positionals.length === 0) {
  console.error('usage: record-events.ts [--watch PATH]... -- COMMAND [ARGUMENT]... | --cases [SLUG]...')
  process.exitCode = 64
} else {
  const events = await record({ watch: values.watch }, async () => run(positionals, process.cwd(), undefined))
  for (const event of events) console.log(JSON.stringify(anonymous(event, '/nonexistent')))
}
