import type { FaultRow } from '../row.ts'
import { flood } from './flood.ts'

export const r13: FaultRow = {
  row: 'R13',
  promise:
    'Eight hosts of one tenant report attacks, each of which would be an alert of its own: 100,000 a minute. A rule opens at most 100 ' +
    'alerts a minute of them, and what it found besides is counted to the last one, in the store and in the API. An agent of ' +
    'another tenant waits at most a fifth longer until what it sends is stored, and misses no alert.',
  short: (seed) => flood(seed, { attacks: 3000, perSecond: 1700, measureMs: 2000 }),
  long: (seed) => flood(seed, { attacks: 200_000, perSecond: 1700, measureMs: 30_000, slowedAtMost: 1.2 }),
  planted: [
    {
      mistake: 'a rule may open alerts without end',
      file: 'packages/correlate/src/rule-budget.ts',
      find: '(spent.rows < limit &&',
      replace: '(true ||',
      breaks: 'alerts over 100 a minute',
    },
    {
      mistake: 'what has no alert of its own is not counted',
      file: 'packages/correlate/src/rule-budget.ts',
      find: 'this.#suppressed.set(alert, (this.#suppressed.get(alert) ?? 0) + 1)',
      replace: '',
      breaks: 'neither alert nor counted, or twice',
    },
    {
      mistake: 'who sends most is served first',
      file: 'packages/store/src/events/event-writer.ts',
      find: 'if (queue.batches.length > 0) this.#waiting.set(tenant, queue)',
      replace:
        'const others = [...this.#waiting]; this.#waiting.clear(); ' +
        'if (queue.batches.length > 0) this.#waiting.set(tenant, queue); ' +
        'for (const [one, its] of others) this.#waiting.set(one, its)',
      breaks: 'groups that one batch of another waits for',
    },
  ],
}
