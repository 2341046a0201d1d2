import { Option } from 'commander'
import { severityChoices } from '../../choices.ts'
import type { CommandDefinition } from '../../command.ts'
import { gather, gatherParameters } from '../../rules-option.ts'
import { formatChoices, groupChoices } from '../hunt/index.ts'

export const replay: CommandDefinition = {
  define(program, action) {
    program
      .command('replay')
      .description(
        'show which alerts a capture (pcap, pcapng) would have raised, had it been seen as it happened',
      )
      .argument('<paths...>', 'captures and folders of them, also packed')
      .option(
        '--rules <path>',
        'rules or a folder of them; may be repeated (default: those of Vedette)',
        gather,
      )
      .option('--indicators <file>', 'a list of addresses, domains, hashes ...; may be repeated', gather)
      .addOption(
        new Option('--format <format>', 'how to show what is found').choices(formatChoices).default('table'),
      )
      .addOption(
        new Option('--group <by>', 'what a line of the table stands for')
          .choices(groupChoices)
          .default('rule'),
      )
      .option('--output <file>', 'write it there')
      .addOption(new Option('--level <level>', 'only rules of at least this level').choices(severityChoices))
      .option('--set <name=value>', 'a value for %name% in rules, may be repeated', gatherParameters)
      .addHelpText('after', HELP)
      .action(action(async () => (await import('../hunt/run.ts')).replay))
  },
}

const HELP = `
Needs neither a running Vedette nor root, and tells a running one nothing. Events are judged in the order of
their time, all together: rules that count and learn work as they do when the packets are seen live.

  vedette replay dump.pcap
  vedette replay --rules my-rules/ --level high case-17/*.pcap.gz`
