import type { CommandDefinition } from '../../command.ts'

export const status: CommandDefinition = {
  define(program, action) {
    program
      .command('status')
      .description('each part, its state and what it lost')
      .option('--kinds', 'also what became of each kind of record')
      .action(action(async () => (await import('./run.ts')).status))
  },
}
