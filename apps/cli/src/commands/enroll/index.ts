import type { CommandDefinition } from '../../command.ts'

export const enroll: CommandDefinition = {
  define(program, action) {
    program
      .command('enroll')
      .description('let this host in at a server, which then has its events')
      .requiredOption('--server <url>', 'where agents come to, such as https://HOST:8443')
      .requiredOption('--ca-fingerprint <sha256:hex>', "of the server's authority; nobody else is trusted")
      .option('--secret <secret>', 'lets it in at once; without one somebody has to approve it')
      .option('--secret-file <file>', 'a file that holds the secret, so that it is not among the arguments')
      .option('--again', 'give up the enrolment that this home has')
      .addHelpText(
        'after',
        `
On the server 'vedette agents secret create' prints the whole command. The private key is made here and stays here.
Then watch with 'vedette agent'.`,
      )
      .action(action(async () => (await import('./run.ts')).enroll))
  },
}
