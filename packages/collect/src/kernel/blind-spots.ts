import { effectiveCapabilities, isInFirstPidNamespace } from '@vedette/linux'
import type { BlindSpot } from '@vedette/model'

/** Code of what is not known of files that are compared on a timer. */
export const FILE_ACTOR_UNKNOWN = 'file-actor-unknown'

/** What every collector that compares /proc and files on a timer cannot see. */
export function pollingBlindSpots(): BlindSpot[] {
  const spots: BlindSpot[] = [
    {
      code: 'short-connections',
      message:
        'TCP connections are compared on a timer: what opens and closes between two looks, UDP, and the sockets of ' +
        'containers with a network of their own are not seen; eBPF would see them',
    },
    {
      code: FILE_ACTOR_UNKNOWN,
      message:
        'Watched files are compared on a timer: it is not known which process changed them, and reading is not seen; ' +
        'eBPF would tell',
    },
  ]
  if (!effectiveCapabilities().has('CAP_SYS_PTRACE')) {
    spots.push({
      code: 'other-users-processes',
      message:
        "The executable, working folder and open files of other users' processes are not seen without CAP_SYS_PTRACE; " +
        'starting as root would change that',
    })
  }
  return spots
}

/**
 * Why the kernel's own word on processes is of no use here, if so: it gives the numbers of the first pid namespace, and in
 * another one these are strangers, or nobody, in /proc.
 */
export function foreignPidNamespace(): BlindSpot | undefined {
  if (isInFirstPidNamespace()) return undefined
  return {
    code: 'pid-namespace',
    message:
      'This is a container with process numbers of its own, so those that the kernel tells by eBPF and the process ' +
      "connector cannot be looked up: start in the host's pid namespace (--pid=host, hostPID: true)",
  }
}
