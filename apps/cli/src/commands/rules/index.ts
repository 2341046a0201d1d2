import type { CommandDefinition } from '../../command.ts'
import { wholeNumber } from '../../number-option.ts'
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
      .command('test')
      .description(
        'run the cases beside rules (cases/hit-*, cases/miss-*, regression_data); exit code 1 when one fails',
      )
      .argument('<paths...>', 'rules, and folders of them')
      .option('--all', 'show also the cases that pass')
      .option('--set <name=value>', 'a value for %name% in rules, may be repeated', gatherParameters)
      .action(action(async () => (await import('./try/test.ts')).test))

    group
      .command('explain')
      .description('show for one event which part of a rule holds, and what would have to be otherwise')
      .argument('<rule>', 'a file, or a rule in force by its id or title')
      .argument(
        '<event>',
        'the id of a stored event, or a file: FILE for its first record, FILE:7 for number 7',
      )
      .option('--set <name=value>', 'a value for %name% in rules, may be repeated', gatherParameters)
      .action(action(async () => (await import('./try/explain.ts')).explain))

    group
      .command('cost')
      .description('what each rule costs in the running server, or on files')
      .argument('[paths...]', 'files and folders of records instead')
      .option(
        '--rules <path>',
        'these rules, with files; may be repeated (default: the built-in ones)',
        gather,
      )
      .option('--limit <n>', 'so many rows', wholeNumber(1, 10_000), 20)
      .action(action(async () => (await import('./try/cost.ts')).cost))

    group
      .command('backtest')
      .description('say what rules would have fired on in what is stored, or in files, and how often')
      .argument('<path>', 'a rule, a folder of rules or an archive')
      .option('--since <time>', 'stored events from then on: a duration or a time', '30d')
      .option('--files <path>', 'instead in these files and folders, may be repeated', gather)
      .option(
        '--set <name=value>',
        'a value for %name% in rules, for --files; may be repeated',
        gatherParameters,
      )
      .action(action(async () => (await import('./pack/backtest.ts')).backtest))

    group
      .command('diff')
      .description('compare two sets of rules, rule by rule')
      .argument('<before>', 'a folder, file or archive, or the name of installed rules')
      .argument('<after>', 'a folder, file or archive')
      .action(action(async () => (await import('./pack/diff.ts')).diff))

    group
      .command('install')
      .description(
        "put a folder, an archive (.tar, .tgz) or a checkout of rules in force, such as SigmaHQ's; shows first what changes and what it would have found",
      )
      .argument('<path>', 'the folder, archive or file')
      .option('--name <name>', 'what to call it (default: from the path); replaces what is in force under it')
      .option('--since <time>', 'try it on stored events from then on', '7d')
      .option('--no-backtest', 'do not try it')
      .option('--activate', 'put it in force without asking')
      .action(action(async () => (await import('./pack/install.ts')).install))

    group
      .command('list')
      .description('rules in force: from where, since when, what they found')
      .option('--search <text>', 'only those with this in title, id, file, author or techniques')
      .action(action(async () => (await import('./pack/active.ts')).list))

    group
      .command('undo')
      .description('go back to the installed rules before')
      .action(action(async () => (await import('./pack/active.ts')).undo))

    group
      .command('uninstall')
      .description('take installed rules out of force')
      .argument('<name>', 'what they are called')
      .action(action(async () => (await import('./pack/active.ts')).uninstall))

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
