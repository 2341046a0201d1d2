import { Argument } from 'commander'
import type { CommandDefinition } from '../../command.ts'

/** Stands here for `--help`; `completion.ts` puts the working one in its place when it is called for. */
export const completion: CommandDefinition = {
  define(program) {
    program
      .command('completion')
      .description('print a script that completes commands and flags in your shell')
      .addArgument(new Argument('<shell>', 'your shell').choices(['zsh', 'bash', 'fish', 'powershell']))
      .addHelpText('after', "\nFor bash: echo 'source <(vedette completion bash)' >> ~/.bashrc")
  },
}
