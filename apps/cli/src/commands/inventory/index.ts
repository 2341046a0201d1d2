import { inventoryTypes } from '@vedette/model'
import { Option } from 'commander'
import type { CommandDefinition } from '../../command.ts'

export const inventory: CommandDefinition = {
  define(program, action) {
    program
      .command('inventory')
      .description(
        'what is there on this machine: setuid files, jobs, units, keys, modules, packages, accounts, ...',
      )
      .addOption(new Option('--only <kind>', 'only this').choices(inventoryTypes))
      .option('--root <dir>', 'folder that stands for the root of the machine, such as a mounted image')
      .addHelpText('after', HELP)
      .action(action(async () => (await import('./run.ts')).inventory))
  },
}

const HELP = `
Needs no running Vedette. What only root may read is left out for others.

  vedette inventory --only authorized_key
  vedette inventory --json --only setuid_file | jq '.setuid_file[] | select(.facts.packaged | not)'`
