import { type Command, InvalidArgumentError, Option } from 'commander'
import type { CommandDefinition } from '../../command.ts'

export const respond: CommandDefinition = {
  define(program, action) {
    const group = program
      .command('respond')
      .description('freeze, thaw or kill a process; shows what it would do until you say --execute')

    withTarget(group.command('preview').description('what an action would touch; changes nothing'))
      .addOption(
        new Option('--action <action>', 'the action').choices(['freeze', 'thaw', 'kill']).default('freeze'),
      )
      .action(action(async () => (await import('./run.ts')).preview))

    withTarget(
      group.command('freeze').description('stop a process where it stands; undone by itself after --lease'),
    )
      .option('--execute', 'do it')
      .action(action(async () => (await import('./run.ts')).freeze))

    withTarget(group.command('thaw').description('let a frozen process go on'))
      .option('--execute', 'do it')
      .action(action(async () => (await import('./run.ts')).thaw))

    withTarget(group.command('kill').description('end a process; cannot be undone'))
      .option('--execute', 'do it')
      .action(action(async () => (await import('./run.ts')).kill))
  },
}

function withTarget(command: Command): Command {
  return command
    .argument('<pid>', 'the process', pid)
    .option('--start-ticks <number>', 'its start in clock ticks since boot, to be sure which process', ticks)
    .option('--tree', 'with all that it started')
    .option('--host <name>', 'name or id of the host (default: the only one)')
    .option('--lease <duration>', 'a freeze ends after: 90s, 10m, 2h', '10m')
    .option('--reason <text>', 'why; stands in the audit log', 'typed at the command line')
    .option('--alert <id>', 'the alert that it answers')
}

function pid(text: string): number {
  const value = Number(text)
  if (!/^\d{1,10}$/.test(text) || value < 1)
    throw new InvalidArgumentError('Expected the number of a process.')
  return value
}

function ticks(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Expected a number of clock ticks.')
  return Number(text)
}
