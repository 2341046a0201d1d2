import type { DceRpcFacts } from '@vedette/model'
import { guid, u16 } from '../bytes/little-endian.ts'
import { interfaces } from './interfaces.ts'

/** Types of a protocol data unit (C706, 12.6.4). */
const TYPES: Readonly<Record<number, string>> = {
  0: 'REQUEST',
  2: 'RESPONSE',
  3: 'FAULT',
  11: 'BIND',
  12: 'BINDACK',
  13: 'BINDNAK',
  14: 'ALTER_CONTEXT',
  15: 'ALTER_CONTEXT_RESP',
  16: 'AUTH3',
  17: 'SHUTDOWN',
  18: 'CO_CANCEL',
  19: 'ORPHANED',
}
/** Interfaces that one connection may have bound. */
const MOST_CONTEXTS = 64

/** Interfaces that were bound, by the number that calls name them with. */
export type Contexts = Map<number, string>

/** Whether bytes begin as a unit of version 5 with little-endian numbers does, as Windows and Samba send it. */
export function isDceRpc(bytes: Uint8Array): boolean {
  return (
    bytes.length >= 16 &&
    bytes[0] === 5 &&
    (bytes[1] ?? 9) <= 1 &&
    (bytes[2] ?? 255) <= 19 &&
    bytes[4] === 0x10
  )
}

/** Reads a unit; a bind is noted in `contexts`. Undefined where it is none, or goes on one before. */
export function readPdu(bytes: Uint8Array, contexts: Contexts): DceRpcFacts | undefined {
  if (!isDceRpc(bytes)) return undefined
  const command = TYPES[bytes[2] ?? 0]
  if (command === undefined || ((bytes[3] ?? 0) & 1) === 0) return undefined
  if (command === 'BIND' || command === 'ALTER_CONTEXT') return readBind(bytes, command, contexts)
  if (command !== 'REQUEST') return { command }
  const opnum = u16(bytes, 22)
  const uuid = contexts.get(u16(bytes, 20))
  const known = uuid === undefined ? undefined : interfaces.get(uuid)
  const operation = known?.operations[opnum]
  return {
    command,
    opnum,
    ...(uuid !== undefined && { interface_uuid: uuid }),
    ...(known !== undefined && { endpoint: known.name }),
    ...(operation !== undefined && { operation }),
  }
}

function readBind(bytes: Uint8Array, command: string, contexts: Contexts): DceRpcFacts {
  let at = 28
  let first: string | undefined
  for (let left = bytes[24] ?? 0; left > 0 && at + 24 <= bytes.length; left -= 1) {
    const uuid = guid(bytes, at + 4)
    first ??= uuid
    if (contexts.size < MOST_CONTEXTS) contexts.set(u16(bytes, at), uuid)
    at += 24 + (bytes[at + 2] ?? 0) * 20
  }
  const known = first === undefined ? undefined : interfaces.get(first)
  return {
    command,
    ...(first !== undefined && { interface_uuid: first }),
    ...(known !== undefined && { endpoint: known.name }),
  }
}
