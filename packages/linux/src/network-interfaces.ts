import { readdirSync, readFileSync, statSync } from 'node:fs'

/** A network interface of the network namespace that sysfs shows, as /sys/class/net has it. */
export interface NetworkInterface {
  readonly name: string
  /** Number that it has as long as it is there; another one by the same name has another. */
  readonly index: number
  /** ARPHRD_ number of its hardware (linux/if_arp.h): 1 Ethernet, 772 loopback, 65534 none. */
  readonly hardwareType: number
  readonly isUp: boolean
  /** It is a port of a bridge or of a bond, whose own interface has the same packets. */
  readonly isPort: boolean
}

const FOLDER = '/sys/class/net'
const IFF_UP = 1

/** All network interfaces; none where sysfs is not mounted. */
export function listNetworkInterfaces(): NetworkInterface[] {
  let names: string[]
  try {
    names = readdirSync(FOLDER)
  } catch {
    return []
  }
  return names.flatMap((name) => {
    const hardwareType = numberIn(`${name}/type`)
    const flags = numberIn(`${name}/flags`)
    const index = numberIn(`${name}/ifindex`)
    if (hardwareType === undefined || flags === undefined || index === undefined) return []
    return { name, index, hardwareType, isUp: (flags & IFF_UP) !== 0, isPort: exists(`${name}/master`) }
  })
}

function numberIn(file: string): number | undefined {
  try {
    const value = Number(readFileSync(`${FOLDER}/${file}`, 'latin1').trim())
    return Number.isInteger(value) ? value : undefined
  } catch {
    return undefined
  }
}

function exists(file: string): boolean {
  return statSync(`${FOLDER}/${file}`, { throwIfNoEntry: false }) !== undefined
}
