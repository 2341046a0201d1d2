import type { NetworkInterface } from '@vedette/linux'
import type { PacketConfig } from './config.ts'
import { linkTypeOf } from './link-type.ts'

/** ARPHRD_LOOPBACK. */
const LOOPBACK = 772
/** Rings cost memory: a machine with hundreds of interfaces names those that matter. */
const MOST_INTERFACES = 16

/** Those of which packets are looked at: what the configuration names, else all whose packets no other one has as well. */
export function chosenInterfaces(
  all: readonly NetworkInterface[],
  { interfaces }: Pick<PacketConfig, 'interfaces'>,
): readonly NetworkInterface[] {
  const chosen =
    interfaces.length > 0
      ? all.filter(({ name }) => interfaces.includes(name))
      : all.filter(({ isPort, hardwareType }) => !isPort && hardwareType !== LOOPBACK)
  return chosen
    .filter(({ isUp, hardwareType }) => isUp && linkTypeOf(hardwareType) !== undefined)
    .slice(0, MOST_INTERFACES)
}

export function isLoopback({ hardwareType }: NetworkInterface): boolean {
  return hardwareType === LOOPBACK
}
