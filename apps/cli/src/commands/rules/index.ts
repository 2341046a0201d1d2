import type { CommandDefinition } from '../../command.ts'
import { gatherParameters } from '../../rules-option.ts'

export const rules: CommandDefinition = {
  define(program, action) {
    const group = program.command('rules').description('check rules of your own before they are used')

    group
      .command('check')
      .description(
        'load rules and say of each that does not load where and why; exit code 1 when there are any',
      )
      .argument('<paths...>', 'YAML files, and folders of them')
      .option('--set <name=value>', 'a value for %name% in rules, may be repeated', gatherParameters)
      .action(action(async () => (await import('./check.ts')).check))
  },
}
