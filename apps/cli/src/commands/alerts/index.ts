import { Option } from 'commander'
import type { CommandDefinition } from '../../command.ts'
import { wholeNumber } from '../../number-option.ts'
import { severityChoices } from '../../choices.ts'

export const alerts: CommandDefinition = {
  define(program, action) {
    const group = program.command('alerts').description('list, read and settle alerts')

    group
      .command('list')
      .description('newest first')
      .option('--limit <number>', 'at most so many', wholeNumber(1, 1000), 50)
      .option('--offset <number>', 'leave out the newest so many', wholeNumber(0, 1_000_000), 0)
      .addOption(new Option('--status <status>', 'only these').choices(['open', 'acknowledged', 'resolved']))
      .addOption(new Option('--severity <severity>', 'only these').choices(severityChoices))
      .option('--search <text>', 'only those that contain it')
      .action(action(async () => (await import('./list.ts')).list))

    group
      .command('show')
      .description('one alert: why it fired, its process tree, its risk')
      .argument('<id>', 'its id, or an unmistakable beginning of it')
      .action(action(async () => (await import('./show.ts')).show))

    group
      .command('ack')
      .description('say that somebody looks at it')
      .argument('<id>', 'its id, or an unmistakable beginning of it')
      .action(action(async () => (await import('./settle.ts')).acknowledge))

    group
      .command('resolve')
      .description('close it, with what it was found to be')
      .argument('<id>', 'its id, or an unmistakable beginning of it')
      .addOption(
        new Option('--verdict <verdict>', 'what it was').choices([
          'true_positive',
          'false_positive',
          'benign',
        ]),
      )
      .action(action(async () => (await import('./settle.ts')).resolve))
  },
}
