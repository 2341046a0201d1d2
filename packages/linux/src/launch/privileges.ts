import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { type CapabilityName, capabilityNames, parseCapabilities } from '../capabilities.ts'
import { lazily, libcFunction, systemCallError } from '../libc.ts'

const PR_SET_PDEATHSIG = 1
const PR_CAPBSET_READ = 23
const PR_CAPBSET_DROP = 24
const PR_SET_NO_NEW_PRIVS = 38
const PR_CAP_AMBIENT = 47
const PR_CAP_AMBIENT_CLEAR_ALL = 4
const LINUX_CAPABILITY_VERSION_3 = 0x2008_0522

const prctl = lazily(() =>
  libcFunction<(option: number, a: number, b: number, c: number, d: number) => number>('prctl', 'int', [
    'int',
    'ulong',
    'ulong',
    'ulong',
    'ulong',
  ]),
)
const capset = lazily(() =>
  libcFunction<(header: Buffer, data: Buffer) => number>('capset', 'int', ['void *', 'void *']),
)
const signalDisposition = lazily(() =>
  libcFunction<(signal: number, handler: number) => number>('signal', 'long', ['int', 'long']),
)

/**
 * Limits this thread, and each program that it becomes, to `keep`: drops all others from the bounding set, and clears the
 * inheritable and ambient sets, past which a program run by root would get them back. capabilities(7).
 *
 * @throws {SystemCallError} `EPERM` without CAP_SETPCAP
 */
export function limitCapabilities(keep: readonly CapabilityName[]): void {
  // Past the last one that the kernel knows, reading one answers EINVAL.
  for (let number = 0; prctl()(PR_CAPBSET_READ, number, 0, 0, 0) >= 0; number += 1) {
    const name = capabilityNames[number]
    if (name !== undefined && keep.includes(name)) continue
    if (prctl()(PR_CAPBSET_READ, number, 0, 0, 0) === 0) continue
    if (prctl()(PR_CAPBSET_DROP, number, 0, 0, 0) !== 0) {
      throw systemCallError('prctl', `drop ${name ?? `capability ${number}`} from the bounding set`)
    }
  }
  if (prctl()(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) !== 0) {
    throw systemCallError('prctl', 'clear the ambient capabilities')
  }
  clearInheritable()
}

function clearInheritable(): void {
  const status = readFileSync('/proc/thread-self/status', 'utf8')
  const [effective, permitted] = [maskOf(status, 'CapEff'), maskOf(status, 'CapPrm')]
  const header = Buffer.alloc(8)
  header.writeUInt32LE(LINUX_CAPABILITY_VERSION_3, 0)
  // Twice effective, permitted, inheritable: the lower and the upper 32 bits.
  const data = Buffer.alloc(24)
  data.writeUInt32LE(Number(effective & 0xffff_ffffn), 0)
  data.writeUInt32LE(Number(permitted & 0xffff_ffffn), 4)
  data.writeUInt32LE(Number(effective >> 32n), 12)
  data.writeUInt32LE(Number(permitted >> 32n), 16)
  if (capset()(header, data) !== 0) throw systemCallError('capset', 'clear the inheritable capabilities')
}

function maskOf(status: string, set: 'CapEff' | 'CapPrm'): bigint {
  let mask = 0n
  const held = parseCapabilities(status, set)
  capabilityNames.forEach((name, number) => {
    if (held.has(name)) mask |= 1n << BigInt(number)
  })
  return mask
}

/** Asks for a signal on the parent's death. A later change of user takes it back, so it comes after that. */
export function setParentDeathSignal(name: NodeJS.Signals): void {
  if (prctl()(PR_SET_PDEATHSIG, constants.signals[name], 0, 0, 0) !== 0) {
    throw systemCallError('prctl', `ask for ${name} when the parent ends`)
  }
}

/** From now on no program that this thread becomes gains rights. */
export function forbidNewPrivileges(): void {
  if (prctl()(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) !== 0) throw systemCallError('prctl', 'forbid new privileges')
}

/** Node ignores these two, and an ignored signal stays ignored in the program that comes after. */
export function restoreSignals(): void {
  signalDisposition()(constants.signals.SIGPIPE, 0)
  signalDisposition()(constants.signals.SIGXFSZ, 0)
}
