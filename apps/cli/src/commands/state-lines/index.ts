import { Argument } from 'commander'
import type { CommandDefinition } from '../../command.ts'

/** For `backup` and `restore` alone, which start it as whoever the state belongs to; it is in no list of commands. */
export const stateLines: CommandDefinition = {
  define(program, action) {
    program
      .command('state-lines', { hidden: true })
      .addArgument(new Argument('<direction>').choices(['dump', 'load']))
      .action(action(async () => (await import('./run.ts')).stateLines))
  },
}
