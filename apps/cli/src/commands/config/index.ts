import type { CommandDefinition } from '../../command.ts'

export const config: CommandDefinition = {
  define(program, action) {
    const group = program.command('config').description('check, show and describe the configuration')

    group
      .command('check')
      .description('check a configuration without starting anything; exit code 2 when it cannot be used')
      .argument('[file]', 'YAML or JSON (default: vedette.yml in the home folder)')
      .action(action(async () => (await import('./run.ts')).check))

    group
      .command('show')
      .description('every value that holds here, and where it came from')
      .option('--config <file>', 'YAML or JSON (default: vedette.yml in the home folder)')
      .action(action(async () => (await import('./run.ts')).show))

    group
      .command('schema')
      .description('JSON Schema of the file, for an editor')
      .action(action(async () => (await import('./run.ts')).schema))
  },
}
