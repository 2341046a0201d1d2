import { Option } from 'commander'
import type { CommandDefinition } from '../../command.ts'
import { wholeNumber } from '../../number-option.ts'

const ofLog = () => new Option('--log <name>', 'one log alone').choices(['server', 'agent'])

export const audit: CommandDefinition = {
  define(program, action) {
    const command = program.command('audit').description('the log of what was done')
    command
      .command('list')
      .description('the newest records of the audit logs in the home folder, oldest first')
      .addOption(ofLog())
      .option('--actor <name>', 'of one person or program')
      .option('--action <name>', "of one kind, such as respond.freeze; 'respond.' names all that begin so")
      .option('--limit <n>', 'how many', wholeNumber(1, 100_000), 50)
      .action(action(async () => (await import('./list.ts')).list))
    command
      .command('verify')
      .description('check the chain of every audit log in the home folder; exit code 6 when one was altered')
      .option('--checkpoint <file>', "hold it also against checkpoints that 'audit checkpoint' wrote")
      .action(action(async () => (await import('./verify.ts')).verify))
    command
      .command('checkpoint')
      .description(
        'sign how far each log went; keep it on another machine, to find later that an end was cut off',
      )
      .option('--out <file>', 'where to; standard output when it is left out')
      .action(action(async () => (await import('./checkpoint.ts')).checkpoint))
    command
      .command('export')
      .description('every record, as JSON lines or CSV')
      .addOption(new Option('--format <format>', 'how').choices(['jsonl', 'csv']).default('jsonl'))
      .addOption(ofLog())
      .option('--out <file>', 'where to; standard output when it is left out')
      .action(action(async () => (await import('./export.ts')).exportRecords))
  },
}
