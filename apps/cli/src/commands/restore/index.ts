import type { CommandDefinition } from '../../command.ts'

export const restore: CommandDefinition = {
  define(program, action) {
    program
      .command('restore')
      .description('bring a backup back into a home folder that is empty')
      .argument('<file>', "what 'vedette backup' wrote")
      .option('--key-file <file>', 'what it was encrypted with (or VEDETTE_BACKUP_PASSPHRASE)')
      .option(
        '--master-key-file <file>',
        'the master key that its keys are wrapped with, or the passphrase (default: as its configuration says)',
      )
      .action(action(async () => (await import('./run.ts')).restore))
  },
}
