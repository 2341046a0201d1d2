import { createHash } from 'node:crypto'
import type { AuditRecord } from '@vedette/model'
import type { AuditEntry } from './audit-log.ts'

/** What stands before the first record. */
export const NO_HASH = '0'.repeat(64)

/** Longest line of a log, in bytes, its newline not counted. */
export const MAX_LINE_BYTES = 1024 * 1024

/** The record after another one. */
export function nextRecord(entry: AuditEntry, sequence: number, time: number, previous: string): AuditRecord {
  const { actor, action, target, outcome, detail } = entry
  const record = { sequence, time, actor, action, target, outcome, detail, previous }
  return { ...record, hash: hashOf(record) }
}

/** SHA-256 over the canonical JSON of a record without `hash`, 64 hex digits. */
export function hashOf(record: Omit<AuditRecord, 'hash'>): string {
  const { sequence, time, actor, action, target, outcome, detail, previous } = record
  const hashed = { sequence, time, actor, action, target, outcome, detail, previous }
  return createHash('sha256').update(canonicalJson(hashed)).digest('hex')
}

/**
 * JSON with the keys of every object sorted by UTF-16 units and no white space, as RFC 8785, section 3.2.3 has it; numbers
 * and strings as ECMAScript writes them, which is what that document asks for.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, content: unknown) => {
    if (typeof content !== 'object' || content === null || Array.isArray(content)) return content
    return Object.fromEntries(Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

/**
 * A line of a log as a record; its hash is not checked.
 *
 * @throws {SyntaxError} when it is not one
 */
export function parseLine(line: string): AuditRecord {
  const value = JSON.parse(line) as Partial<Record<keyof AuditRecord, unknown>> | null
  const isRecord =
    typeof value === 'object' &&
    value !== null &&
    Number.isSafeInteger(value.sequence) &&
    typeof value.time === 'number' &&
    typeof value.actor === 'string' &&
    typeof value.action === 'string' &&
    typeof value.target === 'string' &&
    typeof value.outcome === 'string' &&
    typeof value.detail === 'object' &&
    typeof value.previous === 'string' &&
    typeof value.hash === 'string' &&
    Object.keys(value).length === 9
  if (!isRecord) throw new SyntaxError('not an audit record')
  return value as unknown as AuditRecord
}
