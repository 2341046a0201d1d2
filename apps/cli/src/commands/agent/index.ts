import type { CommandDefinition } from '../../command.ts'

export const agent: CommandDefinition = {
  define(program, action) {
    program
      .command('agent')
      .description('watch this machine for a server elsewhere, which it was enrolled with')
      .option('--config <file>', 'configuration, YAML or JSON (default: vedette.yml in the home folder)')
      .addHelpText(
        'after',
        `
Enrol first: 'vedette enroll --help'. What happens while the server is away is kept on disk.`,
      )
      .action(action(async () => (await import('../../up/lone-agent.ts')).agent))
  },
}
