import type { CommandDefinition } from '../../command.ts'

export const health: CommandDefinition = {
  define(program, action) {
    program
      .command('health')
      .description('run the health checks; exit code 1 unless all are healthy')
      .action(action(async () => (await import('./run.ts')).health))
  },
}
