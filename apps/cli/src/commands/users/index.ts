import { Option } from 'commander'
import { roleChoices } from '../../choices.ts'
import type { CommandDefinition } from '../../command.ts'

export const users: CommandDefinition = {
  define(program, action) {
    const group = program.command('users').description('people who may sign in, and what they are')
    const tenant = () =>
      new Option('--tenant <tenant>', "name or id of the tenant (default: the organisation's first)")

    group
      .command('list')
      .description('who they are, in which tenants, with what role')
      .action(action(async () => (await import('./run.ts')).list))

    group
      .command('add')
      .description('make an account; its first password is printed once and replaced at the first sign-in')
      .argument('<name>', '1 to 64 letters, digits or . _ @ -')
      .requiredOption('--role <role>', `${roleChoices.join(', ')}, or one of the tenant's own`)
      .addOption(tenant())
      .action(action(async () => (await import('./run.ts')).add))

    group
      .command('role')
      .description('set what somebody is in a tenant; in force at their next request')
      .argument('<name>')
      .argument('<role>', `${roleChoices.join(', ')}, one of the tenant's own, or none`)
      .addOption(tenant())
      .action(action(async () => (await import('./run.ts')).role))

    group
      .command('disable')
      .description('shut somebody out: their sessions end at once')
      .argument('<name>')
      .action(action(async () => (await import('./run.ts')).disable))

    group
      .command('enable')
      .description('let somebody in again')
      .argument('<name>')
      .action(action(async () => (await import('./run.ts')).enable))

    group
      .command('remove')
      .description('delete an account, its sessions and its second factor')
      .argument('<name>')
      .action(action(async () => (await import('./run.ts')).remove))

    group
      .command('reset')
      .description('give a new first password, printed once; all sessions end')
      .argument('<name>')
      .option('--second-factor', 'take away the second factor too, where the device is lost')
      .action(action(async () => (await import('./run.ts')).reset))

    group
      .command('sessions')
      .description('where somebody is signed in')
      .argument('<name>')
      .option('--end [id]', 'end that session, or all of them; open pages close within a second')
      .action(action(async () => (await import('./run.ts')).sessions))
  },
}
