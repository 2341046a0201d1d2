/**
 * Captures what is sent on one end of a veth pair at the other one, and says as JSON what it cost. Runs in namespaces of its
 * own: `unshare --net --mount node capture.ts LOAD RATE SECONDS take|inspect`.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setImmediate, setTimeout as delay } from 'node:timers/promises'
import { linkTypes, PacketInspector } from '@vedette/formats/flows'
import { PacketRing } from '@vedette/linux'

const [load = '', rate = '', seconds = '', what = ''] = process.argv.slice(2)
const LEFT = 'vedette-a'
const RIGHT = 'vedette-b'

// The one of the machine shows the interfaces of the machine.
execFileSync('mount', ['-t', 'sysfs', 'sysfs', '/sys'])
execFileSync('ip', ['link', 'add', LEFT, 'type', 'veth', 'peer', 'name', RIGHT])
for (const name of [LEFT, RIGHT]) execFileSync('ip', ['link', 'set', name, 'up'])

let records = 0
const inspector = new PacketInspector({ emit: () => (records += 1) })
using ring = new PacketRing({ interface: RIGHT, ringBytes: 32 << 20 })
let captured = 0
let bytes = 0
const count = (_: Uint8Array, start: number, end: number) => {
  captured += 1
  bytes += end - start
}
const inspect = (
  frame: Uint8Array,
  start: number,
  end: number,
  wireLength: number,
  timeMs: number,
  vlan: number,
) => {
  captured += 1
  bytes += end - start
  inspector.take(frame, start, end, wireLength, linkTypes.ethernet, timeMs, vlan)
}
const take = what === 'inspect' ? inspect : count
const stop = new AbortController()
const generator = spawn(load, [LEFT, rate, seconds], { stdio: ['ignore', 'pipe', 'inherit'] })
const sent = (async () => {
  let text = ''
  for await (const part of generator.stdout) text += String(part)
  return Number(text)
})()
const before = process.cpuUsage()
const startedMs = performance.now()
void once(generator, 'exit').then(() => setTimeout(() => stop.abort(), 200))
while (await ring.waitReadable(stop.signal)) {
  ring.take(take)
  await setImmediate()
}
const { user, system } = process.cpuUsage(before)
const wallS = (performance.now() - startedMs) / 1000
// The kernel sends now and then by itself: what lies in a block that is not full yet is neither taken nor lost.
execFileSync('ip', ['link', 'set', LEFT, 'down'])
await delay(100)
ring.take(take)
inspector.end()
const { packets, drops } = ring.statistics()
process.stdout.write(
  `${JSON.stringify({ sent: await sent, seen: packets, captured, bytes, drops, cpuS: (user + system) / 1e6, wallS, records })}\n`,
)
