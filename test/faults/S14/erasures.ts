import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { actions } from '@vedette/respond'
import { silentLogger } from '@vedette/base'
import { type AgentId, DEFAULT_TENANT, type Event, type EventId, type TenantId } from '@vedette/model'
import { openStateAdministration } from '@vedette/store/administration'
import { type ErasureProof, isSignedErasure } from '@vedette/store/erasure-proof'
import { launch } from '../../../packages/store/src/testing/sample-events.ts'
import { sampleAlert } from '../../../packages/store/src/testing/sample-alert.ts'
import { openTestServer, type TestServer } from '../../../apps/server/src/testing/test-server.ts'
import type { Figure } from '../row.ts'

interface Size {
  readonly people: number
  /** Of each person, in each tenant. */
  readonly events: number
}

/** How a name stands in a text. Every one of them is the person. */
const FORMS: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toUpperCase(),
  (name) => `/home/${name}/.ssh/id_rsa`,
  (name) => `line one\n${name} line two`,
  (name) => `a tab\t${name}`,
  (name) => `"${name}"`,
  (name) => `${name}@example.org`,
  (name) => `user=${name};`,
  (name) => `${name} ${name},${name}`,
  (name) => `\u0001${name}\u0001`,
]

/** Who is somebody else, however near. */
const OTHERS: readonly ((name: string) => string)[] = [
  (name) => `${name}bel`,
  (name) => `jo${name}`,
  (name) => `${name}_2`,
  (name) => name.split('').toReversed().join(''),
]

interface Named {
  readonly names: readonly string[]
  readonly others: readonly string[]
}

/** Erases people and a tenant from a house that is full of them. */
export async function erasures(seed: number, size: Size): Promise<readonly Figure[]> {
  await using server = await openTestServer()
  const { events: store, state } = server.running.services
  const people = Array.from({ length: size.people }, (_, index) => personOf(seed, index))
  const tenant = (
    (await ask(server, 'mutation { addTenant(name: "second") { id } }'))['addTenant'] as { id: string }
  ).id as TenantId
  // Somebody has to be left who can manage the house.
  await ask(server, 'mutation { addUser(name: "the-admin", role: "admin") { account { id } } }')
  const counts = { rows: 0, events: 0, files: 0, others: 0, tenant: 0, told: 0, unsigned: 0, kept: 0 }
  const tenants = [DEFAULT_TENANT, tenant]
  for (const [index, person] of people.entries()) {
    for (const one of tenants) await fill(server, one, person, index, size.events)
  }
  const namedBefore = await namedIn(
    server,
    tenants,
    people.flatMap(({ names }) => names),
  )
  const othersBefore = await countOthers(server, tenants, people)

  for (const { names } of people) {
    const planned = (await ask(server, HOLDINGS, { names }))['person_holdings'] as {
      fate: string
      count: number
    }[]
    counts.told += planned.filter(({ fate }) => fate !== 'keep').reduce((sum, { count }) => sum + count, 0)
    const { document } = (await ask(server, ERASE_PERSON, { names }))['erasePerson'] as { document: string }
    const proof = JSON.parse(document) as ErasureProof
    if (!isSignedErasure(proof) || isSignedErasure(altered(proof)) || !isAbout(proof, names))
      counts.unsigned += 1
    counts.kept += proof.statement.kept.filter(
      ({ store: kept }) => kept === 'state' || kept === 'events',
    ).length
    if (names.some((name) => word(name).test(document))) counts.unsigned += 1
  }
  const words = people.flatMap(({ names }) => names)
  const left = await namedIn(server, tenants, words)
  counts.rows = left.rows
  counts.events = left.events
  counts.files = filesNaming(server.home, words).length
  const othersAfter = await countOthers(server, tenants, people)
  counts.others = othersBefore - othersAfter

  const firstBefore = await rowsOf(server, DEFAULT_TENANT)
  const secondBefore = (await rowsOf(server, tenant)) + (await store.of(tenant).count({}))
  const { document } = (await ask(server, ERASE_TENANT, { tenant }))['eraseTenant'] as { document: string }
  if (!isSignedErasure(JSON.parse(document))) counts.unsigned += 1
  counts.tenant =
    (await rowsOf(server, tenant)) +
    (await store.of(tenant).count({})) +
    filesNaming(server.home, [tenant]).length +
    (await state.of(DEFAULT_TENANT).tenants.list()).length
  // The tenant's own line, and nothing else of the first one.
  const lostByFirst = firstBefore - (await rowsOf(server, DEFAULT_TENANT)) - 1

  return [
    { name: 'people erased', value: people.length, must: { beAtLeast: size.people } },
    {
      name: 'rows and events that named them',
      value: namedBefore.rows + namedBefore.events,
      must: { beAtLeast: 60 },
    },
    { name: 'shown beforehand', value: counts.told, must: { beAtLeast: 60 } },
    { name: 'rows of the state that name an erased person', value: counts.rows, must: { be: 0 } },
    { name: 'events that name an erased person', value: counts.events, must: { be: 0 } },
    { name: 'files that name an erased person', value: counts.files, must: { be: 0 } },
    { name: 'rows and events of others', value: othersBefore, must: { beAtLeast: 8 } },
    { name: 'rows and events of others that are missing', value: counts.others, must: { be: 0 } },
    { name: 'rows and events that the tenant had', value: secondBefore, must: { beAtLeast: 20 } },
    { name: 'rows and events of an erased tenant', value: counts.tenant, must: { be: 0 } },
    { name: 'rows that another tenant lost by it', value: lostByFirst, must: { be: 0 } },
    { name: 'proofs that do not hold, or tell too much', value: counts.unsigned, must: { be: 0 } },
    { name: 'rows and events that a proof says are left', value: counts.kept, must: { be: 0 } },
    { name: 'responses', value: actions.length, must: { beAtLeast: 2 } },
    { name: 'responses neither taken back nor said not to be', value: unlabelled(), must: { be: 0 } },
  ]
}

const HOLDINGS = 'query ($names: [String!]!) { person_holdings(names: $names) { fate count } }'
const ERASE_PERSON = 'mutation ($names: [String!]!) { erasePerson(names: $names) { document } }'
const ERASE_TENANT = 'mutation ($tenant: String!) { eraseTenant(tenant: $tenant) { document } }'

async function ask(
  server: TestServer,
  query: string,
  variables: object = {},
): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.cliToken}` },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = (await response.json()) as { data?: Record<string, unknown>; errors?: unknown }
  if (!data || errors !== undefined) throw new Error(`refused: ${JSON.stringify(errors)}`)
  return data
}

/** A name of letters alone, and one with what else a name may have; the same for the same seed. */
function personOf(seed: number, index: number): Named {
  const letters = createHash('sha256').update(`${seed} ${index}`).digest('hex').replace(/\d/g, '').slice(0, 4)
  const name = `ann${letters}q`
  return { names: [name, `${name}.smith+x`], others: OTHERS.map((form) => form(name)) }
}

/** Everything that a tenant may hold about somebody, and about those with a name that is nearly theirs. */
async function fill(
  server: TestServer,
  tenant: TenantId,
  { names, others }: Named,
  index: number,
  events: number,
): Promise<void> {
  const { events: store, state } = server.running.services
  const [name = '', long = ''] = names
  const agent = `agent-of-${tenant.slice(-4)}` as AgentId
  const run = createHash('sha256').update(`${tenant} ${name}`).digest('hex').slice(0, 16)
  const about = (text: string, number: number): Event => {
    const event = launch(number, { agent, run })
    if (event.kind !== 'process') throw new TypeError('not a launch')
    const id = `${agent}-${run}-${number}` as EventId
    const { process } = event
    if (number % 3 === 0) return { ...event, id, process: { ...process, user: { uid: '1000', name: text } } }
    if (number % 3 === 1) return { ...event, id, process: { ...process, cmd_line: `cat ${text}` } }
    return { ...event, id, message: text, raw: text }
  }
  const texts = Array.from({ length: events }, (_, number) => {
    const form = FORMS[number % FORMS.length] ?? String
    return form(number % 2 === 0 ? name : long)
  })
  const made = [...texts, ...others].map(about)
  await store.append([{ tenant, agent, batch: { run, sequence: 0, events: made } }])

  const of = state.of(tenant)
  const now = Date.now()
  if (tenant === DEFAULT_TENANT) {
    await ask(
      server,
      'mutation ($name: String!) { addUser(name: $name, role: "analyst") { account { id } } }',
      { name },
    )
    for (const other of others.slice(0, 2)) {
      await ask(
        server,
        'mutation ($name: String!) { addUser(name: $name, role: "viewer") { account { id } } }',
        {
          name: other,
        },
      )
    }
  }
  const incidentOf = (word: string, number: number) => ({
    id: `incident-${tenant.slice(-4)}-${index}-${number}` as never,
    title: `What ${word} did`,
    description: `${word}\n${word} again`,
    severity: 'high' as const,
  })
  for (const [number, word] of [...FORMS.map((form) => form(name)), ...others].entries()) {
    // PostgreSQL holds no control bytes of some kinds in text; in JSON it does.
    await of.incidents.create(incidentOf(word.replaceAll('\u0001', '.'), number), name, now)
  }
  await of.correlation(async (ledger) => {
    const alerts = [...FORMS.map((form) => form(name)), ...others].map((word, number) => {
      const matches = [{ field: 'process.user.name', value: word, event: 'e' as never }]
      return {
        alert: sampleAlert(`alert-${tenant.slice(-4)}-${index}-${number}`, { tenant, matches }),
        counted: {},
      }
    })
    await ledger.insertAlerts(alerts, now)
    await ledger.addRisk([
      {
        entity: `user:${name}`,
        alert: 'a' as never,
        time: now,
        points: 5,
        reason: `by ${long}`,
        rule: 'r' as never,
      },
    ])
  })
}

/** As it was made: by an eye of its own, which knows nothing of how it is looked for otherwise. */
function word(name: string): RegExp {
  const letters = name.replace(/[.+]/g, '\\$&')
  return new RegExp(`(?<![0-9A-Za-z_])${letters}(?![0-9A-Za-z_])`, 'i')
}

/** Lines of a dump of the whole state, as who sees all tenants has it, with escapes undone. */
async function stateLines(
  server: TestServer,
): Promise<{ readonly table: string; readonly cells: readonly string[] }[]> {
  await using administration = await openStateAdministration({
    folder: join(server.home, 'pg'),
    log: silentLogger,
  })
  const lines: { table: string; cells: string[] }[] = []
  let table = ''
  for await (const line of administration.dump()) {
    const value = JSON.parse(line) as unknown
    if (!Array.isArray(value)) table = (value as { table?: string }).table ?? ''
    else lines.push({ table, cells: value.filter((cell) => typeof cell === 'string') })
  }
  return lines
}

async function namedIn(server: TestServer, tenants: readonly TenantId[], names: readonly string[]) {
  const patterns = names.map(word)
  const lines = await stateLines(server)
  const rows = lines.filter(({ cells }) =>
    cells.some((cell) => patterns.some((pattern) => pattern.test(plain(cell)))),
  ).length
  let events = 0
  for (const tenant of tenants) {
    for (const event of await allEvents(server, tenant)) {
      if (patterns.some((pattern) => pattern.test(textOf(event)))) events += 1
    }
  }
  return { rows, events }
}

/** The texts of a column of JSON rather than their escapes. */
function plain(cell: string): string {
  if (!/^[[{"]/.test(cell)) return cell
  try {
    return textOf(JSON.parse(cell))
  } catch {
    return cell
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return ''
  return Object.values(value).map(textOf).join('\u0000')
}

async function allEvents(server: TestServer, tenant: TenantId): Promise<Event[]> {
  const { events } = server.running.services
  const all: Event[] = []
  for (let offset = 0; ; offset += 1000) {
    const page = await events.of(tenant).list({}, { limit: 1000, offset })
    all.push(...page)
    if (page.length < 1000) return all
  }
}

/** How often people with a name that is nearly one of these stand anywhere. */
async function countOthers(server: TestServer, tenants: readonly TenantId[], people: readonly Named[]) {
  const found = await namedIn(
    server,
    tenants,
    people.flatMap(({ others }) => others),
  )
  return found.rows + found.events
}

async function rowsOf(server: TestServer, tenant: TenantId): Promise<number> {
  const lines = await stateLines(server)
  return lines.filter(({ cells }) => cells.includes(tenant)).length
}

/** Files outside of the stores, and of the audit log, whose records a proof says are kept. */
function filesNaming(home: string, names: readonly string[]): string[] {
  const patterns = names.map(word)
  return readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/^\/(?:pg|events|audit)\//.test(path.slice(home.length)))
    .filter((path) => {
      const text = readFileSync(path, 'latin1')
      return patterns.some((pattern) => pattern.test(text))
    })
}

function altered({ statement, ...rest }: ErasureProof): ErasureProof {
  return { ...rest, statement: { ...statement, done: statement.done.slice(1) } }
}

function isAbout({ statement: { subject } }: ErasureProof, names: readonly string[]): boolean {
  const lines = names.map((name) => name.toLowerCase()).join('\n')
  return createHash('sha256').update(`${subject.salt}\n${lines}`).digest('hex') === subject.sha256
}

/** Those of which nothing says whether they can be taken back. */
function unlabelled(): number {
  const nothing = { chosen: [], spared: [] } as never
  return actions.filter(
    (action) => action.undo === undefined && !/cannot be taken back/i.test(action.preview(nothing)),
  ).length
}
