import { Option } from 'commander'
import { eventKindChoices } from '../../choices.ts'
import type { CommandDefinition } from '../../command.ts'
import { wholeNumber } from '../../number-option.ts'

export const events: CommandDefinition = {
  define(program, action) {
    program
      .command('events')
      .description('what was seen, oldest first; with --json one Event a line')
      .option('--limit <number>', 'the newest so many', wholeNumber(1, 10_000), 50)
      .addOption(new Option('--kind <kind>', 'only these').choices(eventKindChoices))
      .option('--since <time>', 'from then on: 15m, 2h, 7d or 2026-11-20T08:00:00Z')
      .option('--search <text>', 'only those that contain it')
      .option('--follow', 'go on with what comes, until Ctrl-C')
      .action(action(async () => (await import('./run.ts')).events))
  },
}
