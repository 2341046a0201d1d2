import type { CommandDefinition } from '../../command.ts'

export const sessions: CommandDefinition = {
  define(program, action) {
    program
      .command('sessions')
      .description(
        'who was logged in, from where and how long: of what is stored, or of logs (syslog, the journal, wtmp and btmp)',
      )
      .argument('[paths...]', 'files and folders of logs, also packed')
      .option('--since <time>', 'of what is stored, from then on: 15m, 2h, 7d or 2026-11-20T08:00:00Z', '7d')
      .option('--user <name>', 'only those of this account')
      .option('--all', 'also those that nobody logged in for, such as those of cron')
      .action(action(async () => (await import('./run.ts')).sessions))
  },
}
