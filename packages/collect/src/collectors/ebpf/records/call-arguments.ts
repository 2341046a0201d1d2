import { type CapabilityName, capabilityNames } from '@vedette/linux'
import { addressText } from '../address.ts'
import * as names from './flag-names.ts'
import type { SystemCallName } from './system-calls.ts'

/** What a record of a call holds, taken from its bytes. */
export interface CallFacts {
  readonly call: SystemCallName
  /** What the call answered; below 0 the number of an error. */
  readonly result: number
  /** A number of 64 bits of the record, as bits. */
  readonly value: (index: number) => bigint
  /** The same as a number: exact up to 2^53. */
  readonly number: (index: number) => number
  /** A number of 32 bits of the record: two of them in each value, the low one first. */
  readonly half: (index: number) => number
  /** A text that the program gave. */
  readonly text: (index: number) => string | undefined
  /** The path of the file, as the kernel names it. */
  readonly path: string | undefined
  /** Whether it is known what was before. */
  readonly known: boolean
  /** Bytes of the values, for those that are no numbers. */
  readonly bytes: () => Buffer
}

type Arguments = Record<string, string | number | undefined>

/** What is told of a call beside its name. */
interface Told {
  readonly path?: string
  readonly arguments: Readonly<Record<string, string | number>>
}

/** The arguments of a call as people read them, and the file that it was done with. */
export function callArguments(facts: CallFacts): Told {
  const { path, ...rest } = read(facts)
  const given: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(rest))
    if (value !== undefined && value !== '') given[name] = value
  return { ...(typeof path === 'string' && path.startsWith('/') && { path }), arguments: given }
}

function read(facts: CallFacts): Arguments {
  const { call, number, text, path } = facts
  switch (call) {
    case 'ptrace':
      return { request: names.valueName(number(0), names.ptraceRequests) }
    case 'process_vm_readv':
    case 'process_vm_writev':
      return { bytes: facts.result < 0 ? undefined : facts.result }
    case 'open_mem':
      return { path, flags: 'O_RDWR' }
    case 'setuid':
    case 'setreuid':
    case 'setresuid':
    case 'setfsuid':
      return ids(facts, 'uid')
    case 'setgid':
    case 'setregid':
    case 'setresgid':
    case 'setfsgid':
      return ids(facts, 'gid')
    case 'capset':
      return capabilities(facts)
    case 'add_key':
    case 'request_key':
      return { type: text(0), description: text(1) }
    case 'keyctl':
      return { operation: names.keyOperation(number(0)), key: facts.half(2) | 0 }
    case 'mmap':
    case 'mprotect':
    case 'pkey_mprotect':
      return {
        path,
        memory: memories[number(4)],
        len: number(1),
        prot: names.flagNames(number(2), names.protections),
        flags: call === 'mmap' ? names.flagNames(number(3), names.mapFlags) : undefined,
      }
    case 'memfd_create':
      return { name: text(0), flags: names.flagNames(facts.half(2), names.memoryFileFlags) }
    case 'memfd_secret':
      return { flags: facts.half(0) }
    case 'userfaultfd':
      return { flags: names.flagNames(facts.half(0), names.userfaultFlags) }
    case 'init_module':
      return { name: text(0), len: number(1), param_values: text(1) }
    case 'finit_module':
      return {
        path,
        name: text(0),
        param_values: text(1),
        flags: names.flagNames(facts.half(4), names.moduleFlags),
      }
    case 'delete_module':
      return { name: text(0), flags: names.flagNames(facts.half(2), names.deleteModuleFlags) }
    case 'kexec_load':
      return { nr_segments: number(1) }
    case 'kexec_file_load':
      return { path }
    case 'bpf':
      return {
        cmd: names.valueName(facts.half(0), names.bpfCommands),
        ...(facts.half(0) === BPF_PROG_LOAD && {
          prog_type: names.bpfProgramType(facts.half(2)),
          insn_cnt: facts.half(4),
          prog_name: text(0),
        }),
      }
    case 'perf_event_open':
      return {
        type: names.valueName(facts.half(0), names.perfTypes),
        config: number(3),
        pid: facts.half(2) | 0,
        cpu: facts.half(4) | 0,
      }
    case 'mount':
      return {
        path: text(0),
        source: text(0),
        target: text(1),
        fstype: text(2),
        flags: names.flagNames(mountBits(facts), names.mountFlags),
      }
    case 'umount2':
      return { target: text(0), flags: names.flagNames(facts.half(2), names.unmountFlags) }
    case 'pivot_root':
      return { path: text(0), new_root: text(0), put_old: text(1) }
    case 'chroot':
      return { path: text(0), root: text(0) }
    case 'open_tree':
    case 'mount_setattr':
      return { path: text(0), target: text(0) }
    case 'move_mount':
      return { path: text(0), source: text(0), target: text(1) }
    case 'fsopen':
      return { fstype: text(0) }
    case 'fsmount':
      return { flags: facts.half(2) }
    case 'setns': {
      const type = names.namespaceTypes[text(0) ?? '']
      return {
        nstype: type ?? names.flagNames(facts.half(2), names.cloneFlags, ''),
        namespace: facts.half(4) === 0 || type === undefined ? undefined : facts.half(4),
      }
    }
    case 'unshare':
    case 'clone':
    case 'clone3':
      return { flags: names.flagNames(namespaceBits(facts), names.cloneFlags) }
    case 'io_uring_setup':
      return { entries: facts.half(0), flags: names.flagNames(facts.half(2), names.uringFlags) }
    case 'uring_named':
      return { ...named(facts), operation: names.uringOperation(number(0)) }
    case 'uring_counts':
      return {}
    default:
      return call satisfies never
  }
}

const BPF_PROG_LOAD = 5
const MS_MGC_MASK = 0xffff_0000
const MS_MGC = 0xc0ed_0000
const memories = [undefined, 'anonymous', 'file', 'heap', 'stack'] as const

/** Old programs put a number of no meaning into the upper half. */
function mountBits(facts: CallFacts): number {
  const bits = facts.half(6)
  return (bits & MS_MGC_MASK) >>> 0 === MS_MGC ? bits & 0xffff : bits
}

function namespaceBits(facts: CallFacts): number {
  const all = Object.values(names.cloneFlags).reduce((sum, bit) => sum | bit, 0)
  return (facts.half(0) & all) >>> 0
}

function ids(facts: CallFacts, what: 'uid' | 'gid'): Arguments {
  const [real, effective, saved, file] = [0, 1, 2, 3].map((index) => facts.half(index))
  return {
    [what]: real,
    [`e${what}`]: effective,
    [`s${what}`]: saved,
    ...(file !== effective && { [`fs${what}`]: file }),
    ...(facts.known && { [`old_${what}`]: facts.half(4), [`old_e${what}`]: facts.half(5) }),
  }
}

function capabilities(facts: CallFacts): Arguments {
  const [permitted, effective] = [facts.value(0), facts.value(1)]
  const before = facts.value(3)
  return {
    permitted: capabilityText(permitted),
    effective: capabilityText(effective),
    ...(facts.known && {
      gained: capabilityText(effective & ~before),
      dropped: capabilityText(before & ~effective),
    }),
  }
}

/** What a request of io_uring names: the address is a sockaddr from the second value on. */
function named(facts: CallFacts): Arguments {
  const name = facts.text(0)
  if (name !== undefined) return { path: name, pathname: name }
  const bytes = facts.bytes()
  const family = bytes.readUInt16LE(8)
  if (family !== AF_INET && family !== AF_INET6) return {}
  return {
    address: addressText(bytes, family === AF_INET ? 12 : 16, family === AF_INET),
    port: bytes.readUInt16BE(10),
  }
}

const AF_INET = 2
const AF_INET6 = 10

/** Names of the capabilities of a set, joined by `|`. */
function capabilityText(bits: bigint): string {
  const found: (CapabilityName | `CAP_${number}`)[] = []
  for (let number = 0; number < 64; number += 1) {
    if (((bits >> BigInt(number)) & 1n) === 1n) found.push(capabilityNames[number] ?? `CAP_${number}`)
  }
  return found.join('|')
}
