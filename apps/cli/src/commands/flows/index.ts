import type { CommandDefinition } from '../../command.ts'

export const flows: CommandDefinition = {
  define(program, action) {
    program
      .command('flows')
      .description(
        'print the conversations of a capture (pcap, pcapng) and what was said in them; with --json one Event a line',
      )
      .argument('<paths...>', 'captures and folders of them, also packed')
      .addHelpText('after', HELP)
      .action(action(async () => (await import('./run.ts')).flows))
  },
}

const HELP = `
Needs neither a running Vedette nor root.

  vedette flows dump.pcap
  vedette flows --json dump.pcapng.gz | jq 'select(.kind == "protocol")'
  vedette hunt dump.pcap      search it by rules and indicators`
