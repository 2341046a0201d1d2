import type { SideJob, SideJobContext } from '../messages.ts'

/** A job that does what it is told: `echo`, `spin` for ever, `work` for so many milliseconds without a break, `exit`. */
export function open(data: unknown, { say, working }: SideJobContext): SideJob {
  if (data === 'refuse') throw new Error('it does not want to')
  return {
    hear(message) {
      const { order, ms = 0 } = message as { readonly order: string; readonly ms?: number }
      if (order === 'exit') process.exit(3)
      if (order === 'spin') for (;;);
      const untilMs = performance.now() + ms
      while (performance.now() < untilMs) working()
      void say({ order, data, pid: process.pid })
    },
  }
}
