import { capabilityNames } from './capabilities.ts'
import { lazily, libcFunction } from './libc.ts'

/** Longest list of names and longest value that are read; the kernel's own bounds (XATTR_LIST_MAX, XATTR_SIZE_MAX). */
const MAX_BYTES = 65_536

const listxattr = lazily(() =>
  libcFunction<(path: string, list: Buffer, size: number) => number>('listxattr', 'long', [
    'str',
    'void *',
    'size_t',
  ]),
)
const getxattr = lazily(() =>
  libcFunction<(path: string, name: string, value: Buffer, size: number) => number>('getxattr', 'long', [
    'str',
    'str',
    'void *',
    'size_t',
  ]),
)

let buffer: Buffer | undefined

/**
 * Extended attributes of what a path leads to, by name, xattr(7); none where there are none, or they may not be read. Of a
 * descriptor those by `/proc/self/fd/N`.
 */
export function readExtendedAttributes(path: string): Map<string, Buffer> {
  buffer ??= Buffer.alloc(MAX_BYTES)
  const found = new Map<string, Buffer>()
  const length = listxattr()(path, buffer, MAX_BYTES)
  if (length <= 0) return found
  for (const name of buffer.toString('utf8', 0, length).split('\0')) {
    if (name === '') continue
    const value = readExtendedAttribute(path, name)
    if (value !== undefined) found.set(name, value)
  }
  return found
}

/** One of them; undefined where it is not there. */
export function readExtendedAttribute(path: string, name: string): Buffer | undefined {
  buffer ??= Buffer.alloc(MAX_BYTES)
  const size = getxattr()(path, name, buffer, MAX_BYTES)
  return size < 0 ? undefined : Buffer.from(buffer.subarray(0, size))
}

/**
 * Value of `security.capability` as getcap(8) prints it: `cap_net_admin,cap_net_raw=ep`. Undefined for what is none:
 * `struct vfs_cap_data` of include/uapi/linux/capability.h.
 */
export function fileCapabilitiesText(value: Uint8Array): string | undefined {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  if (value.length < 12) return undefined
  const magic = view.getUint32(0, true)
  const revision = magic >>> 24
  if (revision < 1 || revision > 3 || (revision > 1 && value.length < 20)) return undefined
  const isEffective = (magic & 1) === 1
  const high = revision > 1
  const permitted = bits(view.getUint32(4, true), high ? view.getUint32(12, true) : 0)
  const inheritable = bits(view.getUint32(8, true), high ? view.getUint32(16, true) : 0)
  const groups = new Map<string, string[]>()
  for (const number of Array.from({ length: 64 }, (_, at) => at)) {
    const flags = [
      ...(isEffective && (has(permitted, number) || has(inheritable, number)) ? ['e'] : []),
      ...(has(inheritable, number) ? ['i'] : []),
      ...(has(permitted, number) ? ['p'] : []),
    ].join('')
    if (flags === '' || flags === 'e') continue
    const name = capabilityNames[number]?.toLowerCase() ?? `${number}`
    groups.set(flags, [...(groups.get(flags) ?? []), name])
  }
  const text = [...groups].map(([flags, names]) => `${names.join(',')}=${flags}`).join(' ')
  const root = revision === 3 && value.length >= 24 ? view.getUint32(20, true) : 0
  return root === 0 ? text : `${text} [rootid=${root}]`
}

function bits(low: number, high: number): bigint {
  return BigInt(low) | (BigInt(high) << 32n)
}

function has(set: bigint, number: number): boolean {
  return ((set >> BigInt(number)) & 1n) === 1n
}

const ACL_KINDS: Readonly<Record<number, string>> = {
  1: 'user:',
  2: 'user:',
  4: 'group:',
  8: 'group:',
  0x10: 'mask:',
  0x20: 'other:',
}

/**
 * Value of `system.posix_acl_access` as getfacl(1) has it, with numbers in the place of names: `user::rw-,user:1000:r--`.
 * Undefined for what is none: include/uapi/linux/posix_acl_xattr.h.
 */
export function accessListText(value: Uint8Array): string | undefined {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  if (value.length < 4 || view.getUint32(0, true) !== 2) return undefined
  const entries: string[] = []
  for (let at = 4; at + 8 <= value.length && entries.length < 128; at += 8) {
    const tag = view.getUint16(at, true)
    const rights = view.getUint16(at + 2, true)
    const id = tag === 2 || tag === 8 ? view.getUint32(at + 4, true) : ''
    const text = `${rights & 4 ? 'r' : '-'}${rights & 2 ? 'w' : '-'}${rights & 1 ? 'x' : '-'}`
    entries.push(`${ACL_KINDS[tag] ?? `${tag}:`}${id}:${text}`)
  }
  return entries.join(',')
}
