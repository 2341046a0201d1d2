import type { CommandDefinition } from '../../command.ts'
import { gather, gatherParameters } from '../../rules-option.ts'

export const rules: CommandDefinition = {
  define(program, action) {
    const group = program.command('rules').description('check, test, tune and install rules')

    group
      .command('check')
      .description(
        'load rules and say of each that does not load where and why; exit code 1 when there are any',
      )
      .argument('<paths...>', 'YAML files, and folders of them')
      .option('--set <name=value>', 'a value for %name% in rules, may be repeated', gatherParameters)
      .action(action(async () => (await import('./check.ts')).check))

    group
      .command('exception')
      .description(
        "silence a rule for an alert's case: shows what that would have hidden, then puts it in force",
      )
      .argument('<alert>', "the alert's id, or its beginning")
      .option(
        '--field <name[=value]>',
        'tell the case apart by this field, may be repeated; * and ? in a value are wildcards',
        gather,
      )
      .option('--reason <text>', 'why')
      .option('--owner <name>', 'who answers for it (default: who types this)')
      .option('--expires <time>', "it ends then: a duration, a time, or 'never'", '30d')
      .option('--dry-run', 'only show it')
      .option('--force', 'also where it would have hidden a true positive')
      .action(action(async () => (await import('./exception/make.ts')).make))

    const exceptions = group.command('exceptions').description('exceptions from rules: list, remove, export')
    exceptions
      .command('list')
      .description('those in force, and those that are over')
      .action(action(async () => (await import('./exception/manage.ts')).list))
    exceptions
      .command('remove')
      .description('take one away; its rule judges again at once')
      .argument('<id>', 'its id, or its beginning')
      .action(action(async () => (await import('./exception/manage.ts')).remove))
    exceptions
      .command('export')
      .description('print them as Sigma filters (YAML)')
      .argument('[ids...]', 'their ids, or the beginnings (default: all)')
      .action(action(async () => (await import('./exception/manage.ts')).exportAll))
  },
}
