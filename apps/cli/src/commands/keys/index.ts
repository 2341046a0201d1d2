import { Option } from 'commander'
import type { CommandDefinition } from '../../command.ts'

export const keys: CommandDefinition = {
  define(program, action) {
    const group = program
      .command('keys')
      .description(
        'what secrets, files and the spool are sealed with: data keys, each wrapped by a master key',
      )

    group
      .command('status')
      .description('which keys there are, since when, and what still waits to be sealed with the newest')
      .action(action(async () => (await import('./status.ts')).status))

    group
      .command('rotate')
      .description(
        'make new data keys, while Vedette runs; what older ones sealed is sealed anew in the background',
      )
      .option('--master', 'a new master key instead, which wraps the data keys anew and changes nothing else')
      .addOption(
        new Option(
          '--to <source>',
          'a master key that you give, or a generated one; Vedette must not run meanwhile',
        ).choices(['generated', 'file', 'environment', 'passphrase']),
      )
      .option('--file <file>', 'with --to file or passphrase: where it stands (0600)')
      .option(
        '--config <file>',
        'configuration that names the master key (default: vedette.yml in the home folder)',
      )
      .addHelpText(
        'after',
        '\n--to environment takes VEDETTE_NEW_MASTER_KEY, and --to passphrase without --file VEDETTE_NEW_MASTER_PASSPHRASE.',
      )
      .action(action(async () => (await import('./rotate.ts')).rotate))

    group
      .command('new')
      .description('write a new master key into a file, for encryption.master_key: file')
      .argument('<file>', 'must not be there yet')
      .action(action(async () => (await import('./new.ts')).newMasterKey))
  },
}
