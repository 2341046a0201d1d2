import { Option } from 'commander'
import type { CommandDefinition } from '../../command.ts'

export const migrate: CommandDefinition = {
  define(program, action) {
    program
      .command('migrate')
      .description(
        "the schema of the state: where it is, and a rehearsal; 'up' brings it up to date by itself",
      )
      .addOption(new Option('--status', 'which migrations are in force (this is what it does by default)'))
      .addOption(
        new Option(
          '--rehearse',
          'go up and down on a copy of the real state; the state itself stays as it is',
        ).conflicts('to'),
      )
      .addOption(
        new Option('--to <name>', "bring it to a version, also an older one; 'none' removes everything"),
      )
      .option(
        '--config <file>',
        'configuration that names the store (default: vedette.yml in the home folder)',
      )
      .action(action(async () => (await import('./run.ts')).migrate))
  },
}
