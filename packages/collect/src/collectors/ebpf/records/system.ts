import type { SystemRecord } from '@vedette/model'
import { kindNames, kinds } from '../kinds.ts'
import { actor, type Chunk, type DecodeContext, head, identity } from './chunk.ts'
import { type CallFacts, callArguments } from './call-arguments.ts'
import { errorText, uringOperation } from './flag-names.ts'
import { type SystemCallName, systemCallName } from './system-calls.ts'

/** As in bpf/system-records.bpf.h. */
export const systemLayout = {
  targetStart: 6,
  targetPid: 8,
  callByte: 40,
  flagsByte: 42,
  textLengthByte: 44,
  resultByte: 56,
  valuesByte: 64,
  dataByte: 112,
} as const

const flag = { walked: 1, known: 2, counts: 4 } as const
const TEXTS = 3

type Activity = SystemRecord['activity']

const activities = new Map<number, Activity>(
  kindNames.flatMap((name) => (kinds[name] >= kinds.trace ? [[kinds[name], name as Activity]] : [])),
)

/** Any of the kinds of bpf/system.bpf.h. */
export function decodeSystem(chunk: Chunk, at: number, context: DecodeContext): SystemRecord | undefined {
  const { words, halves, bytes } = chunk
  const byte = at * 4
  const activity = activities.get(words[at + head.type] as number)
  const call = systemCallName(halves[(byte + systemLayout.callByte) >> 1] as number)
  if (activity === undefined || call === undefined) return undefined
  const flags = halves[(byte + systemLayout.flagsByte) >> 1] as number
  const targetPid = words[at + systemLayout.targetPid] as number
  const target = identity(words, at + systemLayout.targetPid, at + systemLayout.targetStart)
  const base = {
    source: 'ebpf' as const,
    type: 'system' as const,
    timeMs: context.time(chunk, at),
    process: actor(chunk, at),
    activity,
    systemCall: namesNoCall(call) ? '' : call === 'open_mem' ? 'openat' : call,
    ...(targetPid !== 0 && { target }),
  }
  const data = byte + systemLayout.dataByte
  if ((flags & flag.counts) !== 0) return { ...base, arguments: counts(words, data >> 2) }

  const places: { start: number; length: number }[] = []
  for (let index = 0, start = data; index < TEXTS; index += 1) {
    const length = halves[((byte + systemLayout.textLengthByte) >> 1) + index] as number
    places.push({ start, length })
    start += length
  }
  const walked = (flags & flag.walked) !== 0 ? places[TEXTS - 1] : undefined
  const valuesAt = byte + systemLayout.valuesByte
  const facts: CallFacts = {
    call,
    result: Number(bytes.readBigInt64LE(byte + systemLayout.resultByte)),
    value: (index) => bytes.readBigUInt64LE(valuesAt + index * 8),
    number: (index) => Number(bytes.readBigUInt64LE(valuesAt + index * 8)),
    half: (index) => bytes.readUInt32LE(valuesAt + index * 4),
    text: (index) => {
      const place = places[index]
      if (!place || place.length === 0) return undefined
      return bytes.toString('utf8', place.start, place.start + place.length - 1)
    },
    path: walked && context.paths.path(chunk, walked.start, walked.length),
    known: (flags & flag.known) !== 0,
    bytes: () => bytes.subarray(valuesAt, valuesAt + 48),
  }
  const { path, ...told } = callArguments(facts)
  const refused = facts.result < 0 && facts.result > -4096 && { result: errorText(-facts.result) }
  return {
    ...base,
    ...(path !== undefined && { path }),
    arguments: { ...told.arguments, ...refused },
  }
}

function namesNoCall(call: SystemCallName): boolean {
  return call === 'uring_counts' || call === 'uring_named'
}

function counts(words: Uint32Array, at: number): Record<string, number> {
  const found: Record<string, number> = {}
  for (let operation = 0; operation < 64; operation += 1) {
    const count = words[at + operation] as number
    if (count > 0) found[uringOperation(operation)] = count
  }
  return found
}
