import type { CommandDefinition } from '../../command.ts'

export const integrity: CommandDefinition = {
  define(program, action) {
    const command = program
      .command('integrity')
      .description('files that are known by content and rights, and what differs')
      .addHelpText('after', HELP)
    command
      .command('status')
      .description('what the baseline is about, and what is not as it was accepted, by what was seen last')
      .action(action(async () => (await import('./run.ts')).status))
    command
      .command('check')
      .description(
        'read files now and compare them with the baseline; exit code 7 when one differs, 8 when none does but some could not be read',
      )
      .argument('[paths...]', 'files, and folders with what lies in them (default: all of the baseline)')
      .action(action(async () => (await import('./run.ts')).check))
    command
      .command('accept')
      .description('take files as they are now for right')
      .argument('[paths...]', 'files, and folders with what lies in them')
      .option('--all', 'whatever differs')
      .action(action(async () => (await import('./run.ts')).accept))
  },
}

const HELP = `
The baseline is made when Vedette watches this machine for the first time. Accepting is recorded in the audit log while Vedette
runs.

  vedette integrity status
  vedette integrity check /etc/ssh
  vedette integrity accept /etc/ssh/sshd_config`
