import type { CommandDefinition } from '../../command.ts'
import { wholeNumber } from '../../number-option.ts'

export const agents: CommandDefinition = {
  define(program, action) {
    const group = program.command('agents').description('hosts that were enrolled, and how new ones come in')

    group
      .command('list')
      .description('all agents, and who waits to be approved')
      .option('--state <state>', 'only these: connected, away, removed, waiting')
      .action(action(async () => (await import('./list.ts')).list))

    group
      .command('show')
      .description('one agent and its certificate')
      .argument('<id>', 'its id, an unmistakable beginning of it, or its host name')
      .action(action(async () => (await import('./list.ts')).show))

    group
      .command('approve')
      .description('let in an agent that waits')
      .argument('<id>', 'its id, an unmistakable beginning of it, or its host name')
      .action(action(async () => (await import('./change.ts')).approve))

    group
      .command('refuse')
      .description('turn away an agent that waits')
      .argument('<id>', 'its id, an unmistakable beginning of it, or its host name')
      .action(action(async () => (await import('./change.ts')).refuse))

    group
      .command('remove')
      .description('end its connection and revoke its certificate, for good')
      .argument('<id>', 'its id, an unmistakable beginning of it, or its host name')
      .action(action(async () => (await import('./change.ts')).remove))

    group
      .command('move')
      .description('hand one to another tenant, which takes it with a secret of its own')
      .argument('<id>', 'its id, an unmistakable beginning of it, or its host name')
      .requiredOption('--secret <secret>', "of the other tenant: 'vedette agents secret create' there")
      .action(action(async () => (await import('./change.ts')).move))

    const secret = group.command('secret').description('secrets that let agents in')
    secret
      .command('create')
      .description('make one; it is shown once')
      .option('--uses <number>', 'so many agents may come in with it', wholeNumber(1, 100_000), 1)
      .option('--minutes <number>', 'for so long; at most a week', wholeNumber(1, 10_080), 60)
      .action(action(async () => (await import('./secrets.ts')).create))
    secret
      .command('list')
      .description('those that are kept, without the secrets themselves')
      .action(action(async () => (await import('./secrets.ts')).list))
    secret
      .command('revoke')
      .description('one lets nobody in any more')
      .argument('<id>', 'as it stands in the list')
      .action(action(async () => (await import('./secrets.ts')).revoke))
  },
}
