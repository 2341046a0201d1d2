import type { CommandDefinition } from '../../command.ts'

export const backup: CommandDefinition = {
  define(program, action) {
    program
      .command('backup')
      .description('keep state, events, evidence, keys and audit logs in one file, also while Vedette runs')
      .argument('<file>', 'must not be there yet')
      .option(
        '--key-file <file>',
        'encrypt it with what stands in there (or in VEDETTE_BACKUP_PASSPHRASE); AES-256-GCM, argon2id',
      )
      .action(action(async () => (await import('./run.ts')).backup))
  },
}
