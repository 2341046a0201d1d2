import type { CommandDefinition } from '../../command.ts'

export const privacy: CommandDefinition = {
  define(program, action) {
    const group = program
      .command('privacy')
      .description('what is stored about a person or a tenant: see it, take it out, erase it')

    const erase = group
      .command('erase')
      .description('delete what is stored; without --yes it only shows what would go')
    erase
      .command('person')
      .description(
        'delete their account and all events that name them; elsewhere a pseudonym takes their place',
      )
      .argument('<name...>', 'each name that they are known by: of accounts, of users on hosts')
      .option('--yes', 'do it; there is no way back')
      .option('--proof <file>', 'where the signed proof is written (default: erasure-ID.json)')
      .action(action(async () => (await import('./run.ts')).erasePerson))
    erase
      .command('tenant')
      .description('delete all that a tenant has; its agents are cut off first')
      .argument('<tenant>', 'its id or name')
      .option('--yes', 'do it; there is no way back')
      .option('--proof <file>', 'where the signed proof is written (default: erasure-ID.json)')
      .action(action(async () => (await import('./run.ts')).eraseTenant))

    group
      .command('export')
      .description('what is stored about a person, a line of JSON for each row or event')
      .argument('<name...>', 'each name that they are known by')
      .action(action(async () => (await import('./run.ts')).exportPerson))

    group
      .command('verify')
      .description('whether a proof of an erasure is as the server signed it')
      .argument('<file>', 'the proof')
      .option('--key <key>', 'the public key of the server, as another proof of it names it')
      .action(action(async () => (await import('./run.ts')).verify))
  },
}
