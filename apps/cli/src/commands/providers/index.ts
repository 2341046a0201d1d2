import type { CommandDefinition } from '../../command.ts'

export const providers: CommandDefinition = {
  define(program, action) {
    const group = program
      .command('providers')
      .description('identity providers that prove people (OpenID Connect)')

    group
      .command('list')
      .description('who they are, and what their claims make of people')
      .action(action(async () => (await import('./run.ts')).list))

    group
      .command('set')
      .description('make one known, or change it; nobody is let in whose claim no --role names')
      .argument('<name>', 'stands on the button of the sign-in page')
      .requiredOption('--issuer <url>', 'its address, as its discovery document has it')
      .requiredOption('--client-id <id>', 'what it calls us')
      .option(
        '--client-secret-file <file>',
        'left out, the one that is known stays, or there is none (PKCE alone)',
      )
      .option('--claim <name>', 'claim of the identity token that says what somebody is', 'groups')
      .requiredOption(
        '--role <value=role...>',
        'such as soc=analyst, or soc=analyst@harbour in another tenant; the first that matches in a tenant counts',
      )
      .action(action(async () => (await import('./run.ts')).set))

    group
      .command('remove')
      .description('from now on it proves nobody; the accounts that it brought stay')
      .argument('<name>')
      .action(action(async () => (await import('./run.ts')).remove))
  },
}
