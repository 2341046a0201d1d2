import { createHash } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import { type AssignmentSigner, packBundle, signAssignment } from '@vedette/manager/fleet'
import type { AgentId, Assignment, ContentName, SignedAssignment } from '@vedette/model'
import { assignmentOf, newAuthority, NOW } from './authority.ts'

/** A document, and what a server has under the name of its content. */
export interface Attempt {
  readonly kind: string
  readonly document: SignedAssignment
  readonly served?: Buffer
}

export interface Forge {
  readonly signer: AssignmentSigner
  /** Of the same authority, over by now. */
  readonly expired: AssignmentSigner
  readonly random: () => number
  /** Of the newest that was taken. */
  readonly floor: number
  /** A document that was good once. */
  readonly replayed: SignedAssignment
}

const HOUR_MS = 3_600_000

/** Rules that find a mark of their own. */
export function rulesOf(mark: string) {
  return packBundle([{ path: 'marks.yar', text: `rule marked { strings: $a = "${mark}" condition: $a }` }])
}

function named(bytes: Buffer, version = 1): ContentName {
  return { version, sha256: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.length }
}

function packed(data: unknown): Buffer {
  return zstdCompressSync(Buffer.from(JSON.stringify(data)))
}

const file = (path: string) => packed({ format: 1, files: [{ path, text: 'rule a { condition: false }' }] })

/** Bundles that are what their name says, and none. */
const malformed: readonly (() => Buffer)[] = [
  () => file('../escaped.yar'),
  () => file('/tmp/escaped.yar'),
  () => file('a/../../escaped.yar'),
  () => file('rules.sh'),
  () => file('a\u0000.yar'),
  () => file(`${'a/'.repeat(200)}a.yar`),
  () => packed({ format: 2, files: [] }),
  () => packed({ format: 1, files: [], more: true }),
  () => packed([]),
  () => Buffer.from('no archive'),
  () => zstdCompressSync(Buffer.alloc(64 << 20, ' ')),
  () => packed({ format: 1, files: [1, 2].map(() => ({ path: 'twice.yar', text: '' })) }),
]

/** What may not be, each in a way that is drawn; `serial` is good, so that nothing else stands against it. */
const kinds: Readonly<Record<string, (forge: Forge, serial: number) => Omit<Attempt, 'kind'>>> = {
  'a byte of what was signed changed': ({ signer, random }, serial) => {
    const { bytes } = rulesOf(`${serial}`)
    const document = signAssignment(assignmentOf(serial, { content: named(bytes) }), signer)
    const at = Math.floor(random() * document.payload.length)
    const changed = String.fromCharCode(document.payload.charCodeAt(at) ^ 1)
    const payload = document.payload.slice(0, at) + changed + document.payload.slice(at + 1)
    return { document: { ...document, payload }, served: bytes }
  },
  'other words under the same signature': ({ replayed }, serial) => {
    const { bytes } = rulesOf(`${serial}`)
    const payload = JSON.stringify(assignmentOf(serial, { content: named(bytes) }))
    return { document: { ...replayed, payload }, served: bytes }
  },
  'signed by nobody’s key': (_forge, serial) => {
    const { bytes } = rulesOf(`${serial}`)
    const foreign = newAuthority(NOW + HOUR_MS).signer()
    return {
      document: signAssignment(assignmentOf(serial, { content: named(bytes) }), foreign),
      served: bytes,
    }
  },
  'a key of one’s own under the word for another': ({ signer }, serial) => {
    const { bytes } = rulesOf(`${serial}`)
    const own = newAuthority(NOW + HOUR_MS).signer()
    const certified = { ...signer.certified, key: own.certified.key }
    return {
      document: signAssignment(assignmentOf(serial, { content: named(bytes) }), { ...own, certified }),
      served: bytes,
    }
  },
  'an expired one': ({ signer, random }, serial) => {
    const { bytes } = rulesOf(`${serial}`)
    const expiresAt = NOW - Math.floor(random() * 1000 * HOUR_MS)
    return {
      document: signAssignment(assignmentOf(serial, { content: named(bytes), expiresAt }), signer),
      served: bytes,
    }
  },
  'signed by a key that is over': ({ expired }, serial) => {
    const { bytes } = rulesOf(`${serial}`)
    return {
      document: signAssignment(assignmentOf(serial, { content: named(bytes) }), expired),
      served: bytes,
    }
  },
  'one of tomorrow': ({ signer }, serial) => {
    const times = { issuedAt: NOW + 24 * HOUR_MS, expiresAt: NOW + 25 * HOUR_MS }
    return { document: signAssignment(assignmentOf(serial, times), signer) }
  },
  'an older one again': ({ replayed, signer, floor, random }) => {
    if (random() < 0.5) return { document: replayed }
    const { bytes } = rulesOf('older')
    const serial = Math.max(1, floor - 1 - Math.floor(random() * 100))
    return {
      document: signAssignment(assignmentOf(serial, { content: named(bytes) }), signer),
      served: bytes,
    }
  },
  'another one under the newest number': ({ signer, floor }) => {
    const { bytes } = rulesOf('another')
    return { document: signAssignment(assignmentOf(floor, { content: named(bytes) }), signer), served: bytes }
  },
  'one for another agent or tenant': ({ signer, random }, serial) => {
    const other = random() < 0.5 ? { agent: '00000000000000bb' as AgentId } : { tenant: 'tenant-b' }
    return { document: signAssignment(assignmentOf(serial, other), signer) }
  },
  'no assignment, and signed': ({ signer, random }, serial) => {
    const wrong: readonly unknown[] = [
      { ...assignmentOf(serial), serial: -1 },
      { ...assignmentOf(serial), more: 1 },
      { ...assignmentOf(serial), content: { version: 1, sha256: '../..', sizeBytes: 1 } },
      [],
      'text',
      null,
    ]
    const drawn = wrong[Math.floor(random() * wrong.length)]
    return { document: signAssignment(drawn as Assignment, signer) }
  },
  'a setting that is for the host alone': ({ signer, random }, serial) => {
    const foreign: readonly Record<string, unknown>[] = [
      { 'response.enable_kill': true },
      { 'collect.file.paths': ['/etc/shadow'] },
      { 'agent.budget.memory_mib': 192 },
      { 'normalise.redaction.enabled': false },
      { 'yara.rules': ['/root'] },
      { 'yara.workers': 'many' },
      { 'yara.workers.more': 1 },
    ]
    const config = foreign[Math.floor(random() * foreign.length)] ?? {}
    return { document: signAssignment(assignmentOf(serial, { config }), signer) }
  },
  'a bundle that is none': ({ signer, random }, serial) => {
    const served = malformed[Math.floor(random() * malformed.length)]?.() ?? Buffer.alloc(1)
    return { document: signAssignment(assignmentOf(serial, { content: named(served) }), signer), served }
  },
  'another bundle than the one that was named': ({ signer }, serial) => {
    const { bytes } = rulesOf(`${serial}`)
    let served = rulesOf(`${serial} and other rules`).bytes
    // As long as what was named, or the first look would do.
    const content = { ...named(bytes), sizeBytes: served.length }
    if (served.length === 0) served = bytes
    return { document: signAssignment(assignmentOf(serial, { content }), signer), served }
  },
}

export const attemptKinds: readonly string[] = Object.keys(kinds)

export function attemptOf(kind: string, forge: Forge, serial: number): Attempt {
  const make = kinds[kind]
  if (make === undefined) throw new TypeError(`no kind ${kind}`)
  return { kind, ...make(forge, serial) }
}

/** One that is good, with rules of its own. */
export function goodOne({ signer }: Pick<Forge, 'signer'>, serial: number) {
  const { bytes } = rulesOf(`good ${serial}`)
  const assignment = assignmentOf(serial, { content: named(bytes) })
  return { document: signAssignment(assignment, signer), served: bytes, assignment }
}
