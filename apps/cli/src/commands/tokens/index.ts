import { roleChoices } from '../../choices.ts'
import type { CommandDefinition } from '../../command.ts'

export const tokens: CommandDefinition = {
  define(program, action) {
    const group = program.command('tokens').description('API keys, with which programs sign in')

    group
      .command('list')
      .description('what each is for, who made it, when it was last used and when it ends')
      .action(action(async () => (await import('./run.ts')).list))

    group
      .command('create')
      .description('make a key; it is printed once')
      .argument('<name>', '1 to 64 letters, digits or . _ @ -')
      .requiredOption(
        '--role <role>',
        `what it may do at most: ${roleChoices.join(', ')}, or one of the tenant's own`,
      )
      .option('--tenant <tenant>', "name or id of the tenant (default: the organisation's first)")
      .option('--only <operations...>', "what it is for, such as Query.alert, Query.* or 'GET /api/ioc*'")
      .option('--until <time>', 'it ends then: a duration such as 30d, or a time; a year at most', '90d')
      .action(action(async () => (await import('./run.ts')).create))

    group
      .command('revoke')
      .description('take a key back; of no use from then on')
      .argument('<key>', 'its name or id')
      .action(action(async () => (await import('./run.ts')).revoke))
  },
}
