import type { FaultRow } from '../row.ts'
import { kills } from './kills.ts'

export const r2: FaultRow = {
  row: 'R2',
  promise:
    'What agents saw on its way through batcher, spool and line, while each is killed (kill -9) and halted (SIGSTOP) at ' +
    'random, some of that while its spool is full, and a server that cannot store every batch. Every batch that was kept comes ' +
    'to the server, unless it was given up for an alert and declared; the gaps in the numbers of a run are the losses that the ' +
    'agent declares, batch by batch and event by event, also after the process that dropped them was killed.',
  short: (seed) =>
    kills(seed, { agents: 1, kills: 2, stops: 1, stopMs: 100, capBytes: 256 * 1024, events: 1000 }),
  long: (seed) =>
    kills(seed, { agents: 4, kills: 200, stops: 50, stopMs: 30_000, capBytes: 1 << 20, events: 500_000 }),
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
    {
      mistake: 'a batch that was dropped is not declared',
      file: 'packages/store/src/spool/spool-lane.ts',
      find: 'appends.map(({ batch }) =>',
      replace: 'appends.slice(1).map(({ batch }) =>',
      breaks: 'gaps that were not declared',
    },
    {
      mistake: 'the ledger of losses begins anew with each process',
      file: 'packages/store/src/spool/loss-ledger.ts',
      find: 'isRead ||= this.#read(bytes)',
      replace: 'isRead = true',
      breaks: 'gaps that were not declared',
    },
  ],
}
