import type { SideJob, SideJobContext } from '@vedette/collect/side'
import { Examiner } from './examiner.ts'
import type { ToJob, JobOptions } from './messages.ts'

/** The job of looking at files. */
export function open(options: unknown, { say, working }: SideJobContext): SideJob {
  const examiner = new Examiner(options as JobOptions, say, working)
  return {
    hear(heard) {
      const message = heard as ToJob
      if (message.type === 'look') examiner.look(message)
      else if (message.type === 'known') examiner.know(message)
      else void examiner.scan(message)
    },
    close: () => examiner.close(),
  }
}
