import type { NetworkInterface } from '@vedette/linux'
import { expect, test } from 'vitest'
import { chosenInterfaces } from './interfaces.ts'

const one = (name: string, more: Partial<NetworkInterface> = {}): NetworkInterface => ({
  name,
  index: 1,
  hardwareType: 1,
  isUp: true,
  isPort: false,
  ...more,
})
const all = [
  one('lo', { hardwareType: 772 }),
  one('eth0'),
  one('down', { isUp: false }),
  one('veth1', { isPort: true }),
  one('wg0', { hardwareType: 65_534 }),
  one('can0', { hardwareType: 280 }),
]
const chosen = (interfaces: readonly string[]) =>
  chosenInterfaces(all, { interfaces: [...interfaces] }).map(({ name }) => name)

test('interfaces that nobody names are those that are up and have packets of their own', () => {
  expect(chosen([])).toEqual(['eth0', 'wg0'])
})

test('those that are named are seen whatever they are, if they are up and understood', () => {
  expect(chosen(['lo', 'veth1', 'down', 'can0', 'missing'])).toEqual(['lo', 'veth1'])
})
