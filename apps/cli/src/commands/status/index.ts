import type { CommandDefinition } from '../../command.ts'

export const status: CommandDefinition = {
  define(program, action) {
    program
      .command('status')
      .description('each part, its state and what it lost')
      .action(action(async () => (await import('./run.ts')).status))
  },
}
