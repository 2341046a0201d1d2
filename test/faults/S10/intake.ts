import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import type { AgentStanding } from '@vedette/model'
import { Assignee } from '../../../apps/agent/src/assigned/assignee.ts'
import { AGENT, newAuthority, NOW, TENANT } from './authority.ts'
import { attemptKinds, attemptOf, type Forge, goodOne } from './documents.ts'

const HOUR_MS = 3_600_000
/** After so many that are no good comes one that is. */
const GOOD_EVERY = 25

export interface Taken {
  readonly tried: number
  /** Of those that are no good. */
  readonly loaded: number
  readonly good: number
  readonly goodLoaded: number
  /** Files outside of where content lies. */
  readonly strays: number
}

/** Gives an agent documents, of which most are no good, and looks what it has in force after each. */
export async function tryDocuments(home: string, tries: number, random: () => number): Promise<Taken> {
  mkdirSync(home)
  const authority = newAuthority(NOW + HOUR_MS)
  const served = new Map<string, Buffer>()
  const assignee = await Assignee.open({
    home,
    identity: { tenant: TENANT, agent: AGENT, authority: authority.publicPem },
    own: { config: {}, origins: {} },
    keep: [],
    enabled: true,
    clock: { ...systemClock, now: () => NOW },
    log: silentLogger,
  })
  let loads = 0
  let restarts = 0
  assignee.begin({
    replaceRules: (paths) => {
      loads += 1
      return Promise.resolve({ rules: paths.length })
    },
    ask: (sha256, offset) => {
      const data = served.get(sha256)?.subarray(offset, offset + 1000) ?? Buffer.alloc(0)
      setImmediate(() => assignee.piece({ sha256, offset, data: data.toString('base64') }))
    },
    tell: (_standing: AgentStanding) => undefined,
    restart: () => {
      restarts += 1
    },
  })
  assignee.connection(true)
  const signer = authority.signer()
  const expired = authority.signer(NOW - 1)
  const take = async (document: Forge['replayed'], bytes: Buffer | undefined) => {
    served.clear()
    const content = (JSON.parse(safeJson(document.payload)) as { content?: { sha256?: string } } | null)
      ?.content
    if (bytes && typeof content?.sha256 === 'string') served.set(content.sha256, bytes)
    await assignee.take(document)
  }

  let serial = 1000
  let [good, goodLoaded, loaded] = [0, 0, 0]
  const takeGood = async () => {
    serial += 10
    const one = goodOne({ signer }, serial)
    const before = loads
    await take(one.document, one.served)
    good += 1
    if (assignee.standing().serial === serial && loads === before + 1) goodLoaded += 1
    return one.document
  }
  // Two, so that there is one before the newest that may come again.
  const replayed = await takeGood()
  await takeGood()
  for (let at = 0; at < tries; at += 1) {
    if (at % GOOD_EVERY === 0) await takeGood()
    const { serial: inForce = 0, failed } = assignee.standing()
    const before = { inForce, loads, restarts }
    serial += 1
    const kind = attemptKinds[at % attemptKinds.length] ?? ''
    const floor = Math.max(inForce, failed?.serial ?? 0)
    const attempt = attemptOf(kind, { signer, expired, random, floor, replayed }, serial)
    await take(attempt.document, attempt.served)
    const isSame = assignee.standing().serial === before.inForce && loads === before.loads
    if (isSame && restarts === before.restarts) continue
    loaded += 1
    // What was taken is in force now: what comes after it has to be newer.
    serial = Math.max(serial, assignee.standing().serial ?? 0)
  }
  assignee[Symbol.dispose]()
  return { tried: tries, loaded, good, goodLoaded, strays: straysIn(home) }
}

function safeJson(text: string): string {
  try {
    JSON.parse(text)
    return text
  } catch {
    return 'null'
  }
}

function straysIn(home: string): number {
  const places = [home, join(home, 'assigned')]
  const known = new Set(['assigned', 'state.json', 'content'])
  return (
    places.flatMap((place) => readdirSync(place).filter((name) => !known.has(name))).length +
    ['/tmp/escaped.yar', join(home, '..', 'escaped.yar')].filter((path) => existsSync(path)).length
  )
}
