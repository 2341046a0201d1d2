import { Buffer } from 'node:buffer'

/** A rule of the audit system: which system calls it writes records of. */
export interface AuditRule {
  /** Table of system calls, an AUDIT_ARCH_ value. */
  readonly arch: number
  /** Numbers in that table, below 2048. */
  readonly calls: readonly number[]
  /** Only with this first argument. */
  readonly firstArgument?: number
  /** Only those that the kernel carried out. */
  readonly successful?: boolean
  /** By which the rule is found again; at most 255 bytes. */
  readonly key: string
}

const AUDIT_FILTER_EXIT = 4
const AUDIT_ALWAYS = 2
const AUDIT_EQUAL = 0x4000_0000
const AUDIT_ARCH = 11
const AUDIT_SUCCESS = 104
const AUDIT_ARG0 = 200
const AUDIT_FILTERKEY = 210

const WORDS = 64
const MASK = 12
const FIELDS = MASK + WORDS * 4
const VALUES = FIELDS + WORDS * 4
const OPERATORS = VALUES + WORDS * 4
const TEXT_LENGTH = OPERATORS + WORDS * 4
const TEXT = TEXT_LENGTH + 4

/** The rule as `struct audit_rule_data` (linux/audit.h). */
export function writeAuditRule({ arch, calls, firstArgument, successful, key }: AuditRule): Buffer {
  const text = Buffer.from(key)
  const rule = Buffer.alloc(TEXT + text.length)
  const fields: (readonly [field: number, value: number])[] = [[AUDIT_ARCH, arch]]
  if (firstArgument !== undefined) fields.push([AUDIT_ARG0, firstArgument])
  if (successful === true) fields.push([AUDIT_SUCCESS, 1])
  fields.push([AUDIT_FILTERKEY, text.length])
  rule.writeUInt32LE(AUDIT_FILTER_EXIT, 0)
  rule.writeUInt32LE(AUDIT_ALWAYS, 4)
  rule.writeUInt32LE(fields.length, 8)
  for (const call of calls) {
    const at = MASK + (call >>> 5) * 4
    rule.writeUInt32LE((rule.readUInt32LE(at) | (1 << (call & 31))) >>> 0, at)
  }
  for (const [index, [field, value]] of fields.entries()) {
    rule.writeUInt32LE(field, FIELDS + index * 4)
    rule.writeUInt32LE(value, VALUES + index * 4)
    rule.writeUInt32LE(AUDIT_EQUAL, OPERATORS + index * 4)
  }
  rule.writeUInt32LE(text.length, TEXT_LENGTH)
  text.copy(rule, TEXT)
  return rule
}

/** Whether a rule that the kernel lists has this key, and no text beside it. */
export function hasAuditKey(rule: Buffer, key: string): boolean {
  if (rule.length < TEXT) return false
  const count = Math.min(rule.readUInt32LE(8), WORDS)
  const fields = Array.from({ length: count }, (_, index) => rule.readUInt32LE(FIELDS + index * 4))
  const length = rule.readUInt32LE(TEXT_LENGTH)
  return fields.includes(AUDIT_FILTERKEY) && rule.toString('utf8', TEXT, TEXT + length) === key
}
