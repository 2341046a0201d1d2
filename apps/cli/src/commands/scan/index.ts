import { InvalidArgumentError, Option } from 'commander'
import type { CommandDefinition } from '../../command.ts'
import { wholeNumber } from '../../number-option.ts'
import { gather } from '../../rules-option.ts'

export type Variables = Readonly<Record<string, string | number | boolean>>

export const scan: CommandDefinition = {
  define(program, action) {
    program
      .command('scan')
      .description(
        'look over this machine, or search files and folders by YARA rules; exit code 7 when something is found, 8 when some could not be read',
      )
      .argument(
        '[paths...]',
        'files, and folders with all that lies in them; links are not followed (default: programs, ports, logins, resources and files of this machine)',
      )
      .option('--config <file>', 'of the machine: max_failed_logins, suspicious_ports ... as JSON')
      .option('--indicators <file>', 'of the machine: a list to compare with, may be repeated', gather)
      .option('--log-dir <dir>', 'of the machine: keep an encrypted log of what is found there')
      .option('--log-key <file>', 'the key of that log (default: made in ~/.config/vedette)')
      .option('--every <seconds>', 'of the machine: again and again, until Ctrl-C', wholeNumber(1, 86_400))
      .option('--show-log', 'what the log in --log-dir holds, checked line by line')
      .option(
        '--rules <path>',
        'YARA rules or a folder of them, may be repeated (default: those of Vedette)',
        gather,
      )
      .option('--set <name=value>', 'an external variable that rules use, may be repeated', gatherVariables)
      .option('--max-size <mib>', 'pass over larger files, MiB (default: 64)', wholeNumber(1, 1024))
      .option('--timeout <seconds>', 'give up on a file after so long (default: 60)', wholeNumber(1, 3600))
      .option('--workers <number>', 'cores to use (default: all)', wholeNumber(1, 64))
      .addOption(
        new Option('--engine <engine>', 'which build of YARA-X scans (default: auto)').choices([
          'auto',
          'native',
          'wasm',
        ]),
      )
      .addHelpText('after', HELP)
      .action(action(async () => (await import('./run.ts')).scan))
  },
}

/** `name=value`; a whole number is one, and so are true and false what they say. */
function gatherVariables(text: string, before: Variables = {}): Variables {
  const found = /^([A-Za-z_]\w*)=(.*)$/s.exec(text)
  if (!found) throw new InvalidArgumentError('Expected name=value.')
  const [, name = '', value = ''] = found
  return { ...before, [name]: valueOf(value) }
}

function valueOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text
}

const HELP = `
Needs neither a running Vedette nor root; root sees more of the machine.

  vedette scan
  vedette scan --config security_config.json --log-dir security_logs --every 30
  vedette scan /var/www
  vedette scan --rules signatures/ --set customer=acme /home
  vedette scan --json /tmp /dev/shm | jq -r .path`
