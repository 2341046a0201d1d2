import { capabilityNames } from '@vedette/linux'
import type { ExecRecord } from '@vedette/model'
import type { Chunk } from './chunk.ts'

/** Kinds of namespaces, in the order of bpf/exec-detail.bpf.h, as /proc/PID/ns names them. */
export const namespaceNames = ['mnt', 'pid', 'uts', 'ipc', 'net', 'cgroup', 'user', 'time'] as const

/** As in bpf/exec-detail.bpf.h, from where it begins. */
const layout = {
  permitted: 0,
  effective: 2,
  namespaces: 4,
  scriptLength: 12,
  environmentLength: 13,
  ttyByte: 56,
} as const

/** Bytes of it. */
export const EXEC_DETAIL_BYTES = 72

const MAX_VARIABLES = 128
/** Longest name that the kernel's half tells, without what follows it. */
const VARIABLE_BYTES = 31
/** Of these the value is told, too: they change what a program loads, or hide what its user does. */
const valued = /^(LD_PRELOAD|LD_LIBRARY_PATH|LD_AUDIT|GCONV_PATH|BASH_ENV|HISTFILE|HISTFILESIZE)$/

type Detail = Pick<
  ExecRecord,
  'tty' | 'script' | 'environment' | 'environmentTruncated' | 'capabilities' | 'namespaces'
>

/**
 * What else was told of a program that starts.
 *
 * @param place of the detail in the record, in words
 * @param dataByte where its texts stand
 */
export function decodeExecDetail(
  { words, bytes }: Chunk,
  place: number,
  dataByte: number,
  flags: { readonly environmentCut: boolean; readonly capabilities: boolean },
): Detail {
  const ttyAt = place * 4 + layout.ttyByte
  const tty = bytes[ttyAt] === 0 ? undefined : text(bytes, ttyAt, ttyAt + 16)
  const scriptLength = words[place + layout.scriptLength] as number
  const environmentLength = words[place + layout.environmentLength] as number
  const environmentAt = dataByte + scriptLength
  const namespaces = namespacesAt(words, place + layout.namespaces)
  return {
    ...(tty !== undefined && { tty: tty.replace(/^pts(?=\d)/, 'pts/') }),
    ...(scriptLength > 0 && { script: bytes.toString('utf8', dataByte, environmentAt) }),
    ...(environmentLength > 0 && {
      environment: variables(bytes.toString('utf8', environmentAt, environmentAt + environmentLength)),
    }),
    ...(flags.environmentCut && { environmentTruncated: true }),
    ...(flags.capabilities && {
      capabilities: {
        effective: capabilities(words, place + layout.effective),
        permitted: capabilities(words, place + layout.permitted),
      },
    }),
    ...(namespaces !== undefined && { namespaces }),
  }
}

function text(bytes: Buffer, from: number, to: number): string {
  const end = bytes.indexOf(0, from)
  return bytes.toString('utf8', from, end < 0 ? to : Math.min(end, to))
}

/** Names alone but for a few: what others hold are passwords as often as not. */
function variables(given: string): NonNullable<ExecRecord['environment']> {
  const found: { name: string; value?: string }[] = []
  for (const variable of given.split('\0', MAX_VARIABLES)) {
    const equals = variable.indexOf('=')
    const name = equals < 0 ? variable.slice(0, VARIABLE_BYTES) : variable.slice(0, equals)
    if (name === '') continue
    found.push(equals >= 0 && valued.test(name) ? { name, value: variable.slice(equals + 1) } : { name })
  }
  return found
}

const knownCapabilities = new Map<number, readonly string[]>()

function capabilities(words: Uint32Array, at: number): readonly string[] {
  const key = (words[at + 1] as number) * 0x1_0000_0000 + (words[at] as number)
  let names = knownCapabilities.get(key)
  if (names === undefined) {
    names = [0, 1].flatMap((word) => {
      const bits = words[at + word] as number
      return Array.from({ length: 32 }, (_, bit) => bit)
        .filter((bit) => ((bits >>> bit) & 1) === 1)
        .map((bit) => capabilityNames[word * 32 + bit] ?? `CAP_${word * 32 + bit}`)
    })
    if (knownCapabilities.size < 256) knownCapabilities.set(key, names)
  }
  return names
}

function namespacesAt(words: Uint32Array, at: number): ExecRecord['namespaces'] {
  let found: Record<string, number> | undefined
  for (const [index, name] of namespaceNames.entries()) {
    const inode = words[at + index] as number
    if (inode !== 0) (found ??= {})[name] = inode
  }
  return found
}
