import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { graphql } from '@vedette/client'
import { type ErasureProof, isSignedErasure } from '@vedette/store/erasure-proof'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { exitCodes } from '../../exit-codes.ts'
import { count } from '../../format/quantity.ts'
import { printJson, printJsonLine, printLine, printTable, safe } from '../../print.ts'

const MAX_PROOF_BYTES = 16 << 20

const holdingFields = graphql(`
  fragment HoldingFields on Holding {
    store
    what
    count
    fate
    why
  }
`)

const personHoldings = graphql(
  `
    query PersonHoldings($names: [String!]!) {
      person_holdings(names: $names) {
        ...HoldingFields
      }
    }
  `,
  [holdingFields],
)

const tenantHoldings = graphql(
  `
    query TenantHoldings($tenant: String!) {
      tenant_holdings(tenant: $tenant) {
        ...HoldingFields
      }
    }
  `,
  [holdingFields],
)

const personExport = graphql(`
  query PersonExport($names: [String!]!, $cursor: String) {
    person_export(names: $names, cursor: $cursor) {
      lines
      next
    }
  }
`)

const erasePersonDocument = graphql(`
  mutation ErasePerson($names: [String!]!) {
    erasePerson(names: $names) {
      document
    }
  }
`)

const eraseTenantDocument = graphql(`
  mutation EraseTenant($tenant: String!) {
    eraseTenant(tenant: $tenant) {
      document
    }
  }
`)

interface Holding {
  readonly store: string
  readonly what: string
  readonly count: number
  readonly fate: string
  readonly why: string
}

interface EraseOptions {
  readonly yes?: boolean
  readonly proof?: string
}

export async function erasePerson(
  invocation: Invocation,
  options: EraseOptions,
  names: readonly string[],
): Promise<void> {
  using client = connect(invocation.paths)
  if (options.yes !== true) {
    const { person_holdings: holdings } = await client.query(personHoldings, { names: [...names] })
    return tellPlan(invocation, holdings)
  }
  const { erasePerson: made } = await client.mutate(erasePersonDocument, { names: [...names] })
  keep(invocation, options, made.document)
}

export async function eraseTenant(
  invocation: Invocation,
  options: EraseOptions,
  tenant: string,
): Promise<void> {
  using client = connect(invocation.paths)
  if (options.yes !== true) {
    const { tenant_holdings: holdings } = await client.query(tenantHoldings, { tenant })
    return tellPlan(invocation, holdings)
  }
  const { eraseTenant: made } = await client.mutate(eraseTenantDocument, { tenant })
  keep(invocation, options, made.document)
}

/** Lines of JSON, whether or not `--json` is given: it is data to be kept. */
export async function exportPerson(
  invocation: Invocation,
  _options: object,
  names: readonly string[],
): Promise<void> {
  using client = connect(invocation.paths)
  let cursor: string | null = null
  do {
    const { person_export: page }: { person_export: { lines: string[]; next: string | null } } =
      await client.query(personExport, { names: [...names], cursor })
    for (const line of page.lines) printJsonLine(invocation, JSON.parse(line))
    cursor = page.next
  } while (cursor !== null)
}

export async function verify(
  invocation: Invocation,
  options: { readonly key?: string },
  file: string,
): Promise<void> {
  if (!existsSync(file)) throw new CliError('no-such-file', exitCodes.notFound, `There is no ${safe(file)}`)
  const proof = statSync(file).size > MAX_PROOF_BYTES ? undefined : parse(readFileSync(file, 'utf8'))
  if (!isSignedErasure(proof)) {
    throw new CliError(
      'proof-broken',
      exitCodes.verificationFailed,
      `${safe(file)} is not as a server signed it`,
    )
  }
  if (options.key !== undefined && options.key !== proof.key) {
    throw new CliError(
      'proof-broken',
      exitCodes.verificationFailed,
      `${safe(file)} was signed with another key`,
    )
  }
  if (invocation.json) return printJson(invocation, proof)
  tellProof(invocation, proof)
  printLine(invocation, `The signature holds, by the key ${safe(proof.key)}.`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function tellPlan(invocation: Invocation, holdings: readonly Holding[]): void {
  if (invocation.json) return printJson(invocation, holdings)
  tellHoldings(invocation, holdings)
  printLine(invocation, 'Nothing was changed. Give --yes to do it; there is no way back.')
}

function keep(invocation: Invocation, options: EraseOptions, document: string): void {
  const proof = parse(document)
  if (!isSignedErasure(proof)) {
    throw new CliError('proof-broken', exitCodes.verificationFailed, 'The proof of the server does not hold')
  }
  const file = resolve(options.proof ?? `erasure-${proof.statement.id}.json`)
  writeFileSync(file, `${document}\n`, { mode: 0o600, flag: 'wx' })
  if (invocation.json) return printJson(invocation, proof)
  tellProof(invocation, proof)
  printLine(invocation, `The proof is in ${safe(file)}; 'vedette privacy verify' checks it.`)
}

function tellProof(invocation: Invocation, { statement }: ErasureProof): void {
  const when = new Date(statement.ended_at).toISOString()
  printLine(invocation, `A ${statement.kind} was erased by ${safe(statement.by)} at ${when}:`)
  tellHoldings(invocation, statement.done)
  if (statement.pseudonym !== undefined) {
    printLine(invocation, `In place of the names stands ${safe(statement.pseudonym)}.`)
  }
  if (statement.kept.length === 0) return
  printLine(invocation, 'What is still there:')
  tellHoldings(invocation, statement.kept)
}

function tellHoldings(invocation: Invocation, holdings: readonly Holding[]): void {
  if (holdings.length === 0) return printLine(invocation, 'Nothing is stored.')
  printTable(
    invocation,
    [{ title: 'STORE' }, { title: 'WHAT', flexible: true }, { title: 'COUNT' }, { title: 'FATE' }],
    holdings.map((holding) => [
      safe(holding.store, 16),
      safe(holding.what, 256),
      holding.count < 0 ? '?' : String(holding.count),
      safe(holding.fate, 16),
    ]),
  )
  for (const why of new Set(holdings.map((holding) => holding.why).filter((text) => text !== ''))) {
    const about = holdings.filter((holding) => holding.why === why)
    printLine(
      invocation,
      `${safe([...new Set(about.map(({ store }) => store))].join(', '))}: ${safe(why, 512)}`,
    )
  }
  const rows = holdings.reduce((sum, holding) => sum + Math.max(0, holding.count), 0)
  printLine(invocation, `${count(rows)} in all.`)
}
