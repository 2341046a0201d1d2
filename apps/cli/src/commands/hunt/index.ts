import { Option } from 'commander'
import { severityChoices } from '../../choices.ts'
import type { CommandDefinition } from '../../command.ts'
import { wholeNumber } from '../../number-option.ts'
import { gather, gatherParameters } from '../../rules-option.ts'

export const formatChoices = ['table', 'timeline', 'csv', 'ndjson', 'sarif', 'html']
export const groupChoices = ['rule', 'technique', 'host']

export const hunt: CommandDefinition = {
  define(program, action) {
    program
      .command('hunt')
      .description('search logs for attacks: files and folders of any format, or what is stored')
      .argument('[paths...]', 'EVTX, NDJSON, syslog, auditd, Zeek, CSV ... files and folders, also packed')
      .option(
        '--rules <path>',
        'rules or a folder of them; more of them may follow (default: those of Vedette)',
        gather,
      )
      .option(
        '--indicators <file>',
        'a list of addresses, domains, hashes, URLs, paths (JSON, TXT, CSV, STIX, MISP); may be repeated',
        gather,
      )
      .option('--since <time>', 'search what is stored from then on, instead of files: 30d, 2h or a time')
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
      .option('--workers <number>', 'cores to use (default: all)', wholeNumber(1, 256))
      .addHelpText('after', HELP)
      .action(action(async () => (await import('./run.ts')).hunt))
  },
}

const HELP = `
Needs neither a running Vedette nor root, except with --since.

  vedette hunt --rules sigma/rules/windows evtx/
  vedette hunt --format timeline --level high /var/log/audit
  vedette hunt --format html --output report.html case-17/
  vedette hunt --indicators bad.txt /var/log/audit
  vedette hunt --json logs/ | jq -r .ruleId
  vedette hunt --since 30d --rules new-rules/`
