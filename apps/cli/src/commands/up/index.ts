import type { CommandDefinition } from '../../command.ts'
import { wholeNumber } from '../../number-option.ts'

export const up: CommandDefinition = {
  define(program, action) {
    program
      .command('up')
      .description('watch this machine: start the server, its stores and the agent')
      .option(
        '--port <number>',
        'port of the console and the API; 0 takes a free one',
        wholeNumber(0, 65_535),
      )
      .option('--config <file>', 'configuration, YAML or JSON (default: vedette.yml in the home folder)')
      .option('--ready-file <file>', 'write {url, pid, setupToken} as JSON once it watches')
      .addHelpText(
        'after',
        `
Ctrl-C stops everything and loses nothing; a second Ctrl-C does not wait.
It needs no root; without it the sensor sees less, and says what.`,
      )
      .action(action(async () => (await import('../../up/up.ts')).up))
  },
}
