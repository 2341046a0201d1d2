import { Option } from 'commander'
import { severityChoices } from '../../choices.ts'
import type { CommandDefinition } from '../../command.ts'
import { wholeNumber } from '../../number-option.ts'

export const incident: CommandDefinition = {
  define(program, action) {
    const group = program
      .command('incident')
      .alias('incidents')
      .description('open, read, assign and close incidents')

    group
      .command('create')
      .description('open one by hand')
      .requiredOption('--title <text>', 'what it is about')
      .option('--description <text>', 'what is known')
      .addOption(new Option('--severity <severity>', 'how bad').choices(severityChoices).default('medium'))
      .action(action(async () => (await import('./change.ts')).create))

    group
      .command('list')
      .description('newest first')
      .option('--limit <number>', 'at most so many', wholeNumber(1, 1000), 50)
      .option('--offset <number>', 'leave out the newest so many', wholeNumber(0, 1_000_000), 0)
      .addOption(new Option('--status <status>', 'only these').choices(['open', 'investigating', 'closed']))
      .addOption(new Option('--severity <severity>', 'only these').choices(severityChoices))
      .action(action(async () => (await import('./list.ts')).list))

    group
      .command('show')
      .description('one incident with its alerts and its history')
      .argument('<id>', 'its id, or an unmistakable beginning of it')
      .action(action(async () => (await import('./show.ts')).show))

    group
      .command('assign')
      .description('give it to somebody')
      .argument('<id>', 'its id, or an unmistakable beginning of it')
      .requiredOption('--user <name>', 'who works on it')
      .action(action(async () => (await import('./change.ts')).assign))

    group
      .command('close')
      .description('close it')
      .argument('<id>', 'its id, or an unmistakable beginning of it')
      .requiredOption('--resolution <text>', 'what was found and done')
      .action(action(async () => (await import('./change.ts')).close))
  },
}
