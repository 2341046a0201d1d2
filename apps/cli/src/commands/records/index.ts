import type { CommandDefinition } from '../../command.ts'

export const records: CommandDefinition = {
  define(program, action) {
    program
      .command('records')
      .description(
        'print the records of files of any format as NDJSON, such as EVTX; what cannot be read is told with its place',
      )
      .argument('<paths...>', 'files and folders, also packed')
      .action(action(async () => (await import('./run.ts')).records))
  },
}
