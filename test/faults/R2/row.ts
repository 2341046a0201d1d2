import type { FaultRow } from '../row.ts'
import { kills } from './kills.ts'

export const r2: FaultRow = {
  row: 'R2',
  promise:
    'What an agent saw on its way through batcher, spool and line, while the agent is killed (kill -9) and halted (SIGSTOP) at ' +
    'random, and a server that cannot store every batch. Every batch that was kept comes to the server, and a gap in the ' +
    'numbers of a run is one that the agent told of.',
  short: (seed) => kills(seed, { kills: 3, stops: 2, stopMs: 100, events: 1000 }),
  long: (seed) => kills(seed, { kills: 200, stops: 50, stopMs: 30_000, events: 500_000 }),
  planted: [
    {
      mistake: 'a batch leaves the spool when it is sent, not when it is stored',
      file: 'apps/agent/src/uplink.ts',
      find: '    this.#socket?.send(data)\n',
      replace: '    this.#socket?.send(data)\n    void this.#forget(batch.run, batch.sequence)\n',
      breaks: 'kept and lost',
    },
    {
      mistake: 'what a former process left in the spool is not sent',
      file: 'packages/store/src/spool/spool-lane.ts',
      find: 'let next = this.#firstEntry\n',
      replace: 'let next = this.#firstEntry + this.#entries.length\n',
      breaks: 'kept and lost',
    },
  ],
}
