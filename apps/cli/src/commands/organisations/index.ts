import type { CommandDefinition } from '../../command.ts'

export const organisations: CommandDefinition = {
  define(program, action) {
    const group = program
      .command('organisations')
      .description('people and tenants that know nothing of those of another organisation')

    group
      .command('list')
      .description('all but the first, which has no name')
      .action(action(async () => (await import('./run.ts')).list))

    group
      .command('add')
      .description('found one with its first admin, whose first password is printed once')
      .argument('<name>', '1 to 64 letters, digits or . _ @ -')
      .requiredOption('--admin <name>', 'who looks after it; signs in as <organisation>/<name>')
      .action(action(async () => (await import('./run.ts')).add))
  },
}
