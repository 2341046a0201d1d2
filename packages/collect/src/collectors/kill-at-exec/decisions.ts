import { DISCARDED, RECORD_HEADER, RECORD_LENGTH } from '@vedette/linux'
import type { Verdict } from '../../prevention/record.ts'

/** As `struct decision` of guard.bpf.c. */
const layout = {
  time: 0,
  start: 8,
  inode: 16,
  device: 24,
  pid: 28,
  reason: 32,
  verdict: 33,
  name: 36,
  end: 104,
} as const

const reasons = ['', 'program', 'memory', 'deleted'] as const
const verdicts: readonly (Verdict | undefined)[] = [undefined, 'would_kill', 'killed', 'failed']

export interface KernelDecision {
  readonly sinceBootNs: number
  readonly startNs: number
  readonly pid: number
  readonly device: number
  readonly inode: bigint
  readonly reason: string
  readonly verdict: Verdict
  /** The last name of its path, or that of its memory. */
  readonly name: string
}

/** Decodes what was taken from the ring. */
export function decodeDecisions(chunk: Uint8Array<ArrayBuffer>): KernelDecision[] {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  const decisions: KernelDecision[] = []
  for (let at = 0; at + RECORD_HEADER <= bytes.length;) {
    const header = bytes.readUInt32LE(at)
    const length = header & RECORD_LENGTH
    const from = at + RECORD_HEADER
    at += (RECORD_HEADER + length + 7) & ~7
    if ((header & DISCARDED) !== 0 || length < layout.end) continue
    const name = bytes.subarray(from + layout.name, from + layout.end)
    const end = name.indexOf(0)
    decisions.push({
      sinceBootNs: Number(bytes.readBigUInt64LE(from + layout.time)),
      startNs: Number(bytes.readBigUInt64LE(from + layout.start)),
      pid: bytes.readUInt32LE(from + layout.pid),
      device: bytes.readUInt32LE(from + layout.device),
      inode: bytes.readBigUInt64LE(from + layout.inode),
      reason: reasons[bytes[from + layout.reason] ?? 0] ?? '',
      verdict: verdicts[bytes[from + layout.verdict] ?? 0] ?? 'failed',
      name: name.toString('utf8', 0, end < 0 ? name.length : end),
    })
  }
  return decisions
}
