import { setParentDeathSignal, dieUnlessRenewed } from '@vedette/linux'
import { Gate } from './gate.ts'
import type { FromGate, ToGate } from './messages.ts'

/*
 * The process in which starts of programs are decided. Whatever ends it lets all that wait through: the kernel closes its
 * group. It ends with its parent, when it is told to, and when it does not come round in time.
 */

/** How often within its time limit it shows that it lives. */
const SIGNS = 5
const LOOK_MS = 500
/** Messages that wait for the parent; what is decided beyond is not told, and counted. */
const MOST_WAITING = 1000

let waiting = 0
let lost = 0

function send(message: FromGate): void {
  if (waiting >= MOST_WAITING) {
    if (message.type === 'decided') lost += message.decisions.length + message.lost
    return
  }
  waiting += 1
  process.send?.(message, undefined, undefined, () => {
    waiting -= 1
  })
}

async function serve({ config }: ToGate): Promise<void> {
  using gate = new Gate(config)
  const live = () => {
    dieUnlessRenewed(config.time_limit_ms)
    send({ type: 'alive', refused: gate.refused })
  }
  live()
  setInterval(live, config.time_limit_ms / SIGNS)
  setInterval(() => gate.refresh(), LOOK_MS)
  const { signal } = new AbortController()
  while (await gate.waitReadable(signal)) {
    const decisions = gate.decide()
    if (decisions.length === 0 && lost === 0) continue
    const before = lost
    lost = 0
    send({ type: 'decided', decisions, lost: before })
  }
}

// Without its parent nobody would hear what it decides.
process.on('disconnect', () => process.exit(0))
setParentDeathSignal('SIGKILL')
process.once('message', (message) => {
  serve(message as ToGate).catch((error: unknown) => {
    const text = error instanceof Error ? error.message : String(error)
    process.send?.({ type: 'failed', message: text } satisfies FromGate, undefined, undefined, () =>
      process.exit(1),
    )
  })
})
