import type { CommandDefinition } from '../../command.ts'

const TENANT = ['--tenant <tenant>', "name or id of the tenant (default: the organisation's first)"] as const

export const roles: CommandDefinition = {
  define(program, action) {
    const group = program.command('roles').description("what the roles may do, and roles of the tenants' own")

    group
      .command('list')
      .description('the roles of the house, and those of the tenants')
      .action(action(async () => (await import('./run.ts')).list))

    group
      .command('show')
      .description('the policies of a role, as Cedar')
      .argument('<role>')
      .option(...TENANT)
      .action(action(async () => (await import('./run.ts')).show))

    group
      .command('set')
      .description('make a role of Cedar policies, or change what one allows; in force at the next request')
      .argument('<role>', 'small letters, digits and -')
      .argument('<file>', 'policies; - for standard input')
      .option('--description <text>', 'what it is for')
      .option(...TENANT)
      .action(action(async () => (await import('./run.ts')).set))

    group
      .command('remove')
      .description('remove a role that nobody has')
      .argument('<role>')
      .option(...TENANT)
      .action(action(async () => (await import('./run.ts')).remove))

    group
      .command('test')
      .description('what a role says of operations; ends with 4 when it denies one')
      .argument('<role>')
      .argument('<operations...>', 'such as Query.alert or Mutation.closeIncident')
      .option(...TENANT)
      .action(action(async () => (await import('./run.ts')).test))
  },
}
