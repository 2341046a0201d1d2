import { Option } from 'commander'
import type { CommandDefinition } from '../../command.ts'
import { typeChoices } from '../indicators/choices.ts'

export const allow: CommandDefinition = {
  define(program, action) {
    const group = program.command('allow').description('what raises no alert, whatever an indicator says')

    group
      .command('list')
      .description('newest first, with who answers for it and how often it held')
      .action(action(async () => (await import('./run.ts')).list))

    group
      .command('add')
      .description('add an entry; in force at once')
      .argument('<value>', 'an address, range, domain, URL, hash, path or name of a program')
      .addOption(new Option('--type <type>', 'what it is (default: what it looks like)').choices(typeChoices))
      .requiredOption('--reason <text>', 'why')
      .option('--owner <name>', 'who answers for it (default: who types this)')
      .option('--until <time>', 'it ends then: a duration such as 30d, or a time')
      .action(action(async () => (await import('./run.ts')).add))

    group
      .command('remove')
      .description('take an entry away; in force at once')
      .argument('<id>', "its id as 'allow list' prints it")
      .action(action(async () => (await import('./run.ts')).remove))
  },
}
