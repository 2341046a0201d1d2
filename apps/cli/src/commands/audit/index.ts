import type { CommandDefinition } from '../../command.ts'

export const audit: CommandDefinition = {
  define(program, action) {
    program
      .command('audit')
      .description('the log of what was done')
      .command('verify')
      .description('check the chain of every audit log in the home folder; exit code 6 when one was altered')
      .action(action(async () => (await import('./verify.ts')).verify))
  },
}
