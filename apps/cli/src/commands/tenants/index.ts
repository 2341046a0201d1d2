import type { CommandDefinition } from '../../command.ts'

export const tenants: CommandDefinition = {
  define(program, action) {
    const group = program
      .command('tenants')
      .description('the tenants of the organisation; none sees what another one has')

    group
      .command('list')
      .description('the one with which it began first, then by name')
      .action(action(async () => (await import('./run.ts')).list))

    group
      .command('add')
      .description('add a tenant; who is what in it is said by users role')
      .argument('<name>', '1 to 64 letters, digits or . _ @ -')
      .action(action(async () => (await import('./run.ts')).add))

    group
      .command('rename')
      .description('give a tenant another name; its id stays')
      .argument('<tenant>', 'name or id')
      .argument('<name>')
      .action(action(async () => (await import('./run.ts')).rename))
  },
}
