import type { CommandDefinition } from '../../command.ts'

export const metrics: CommandDefinition = {
  define(program, action) {
    program
      .command('metrics')
      .description('counts, rates and latencies')
      .action(action(async () => (await import('./run.ts')).metrics))
  },
}
