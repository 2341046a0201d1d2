import type { CommandDefinition } from '../../command.ts'

export const demo: CommandDefinition = {
  define(program, action) {
    program
      .command('demo')
      .description('do five harmless things that attackers do, and show the alert for each')
      .addHelpText(
        'after',
        `
Everything happens on this machine, over loopback and in a scratch folder, and is removed again.
Exit code 1 when something that this sensor can see raised no alert within 10 s.`,
      )
      .action(action(async () => (await import('../../demo/demo.ts')).demo))
  },
}
