import { Option } from 'commander'
import { severityChoices } from '../../choices.ts'
import type { CommandDefinition } from '../../command.ts'
import { wholeNumber } from '../../number-option.ts'
import { formatChoices, modeChoices, tlpChoices, typeChoices } from './choices.ts'

export const indicators: CommandDefinition = {
  define(program, action) {
    const group = program
      .command('indicators')
      .alias('iocs')
      .description(
        'what is known to belong to attackers: addresses, domains, URLs, hashes, paths, names of programs',
      )

    group
      .command('import')
      .description('take the indicators of a file; in force once this ends')
      .argument('<file>', 'a file, or - for standard input')
      .addOption(
        new Option('--format <format>', 'how it is written (default: what it looks like)').choices(
          formatChoices,
        ),
      )
      .option('--source <name>', 'who says so (default: the name of the file)')
      .addOption(
        new Option('--mode <mode>', 'replace: take away what the source said before and says no more')
          .choices(modeChoices)
          .default('add'),
      )
      .option('--dry-run', 'only tell what would be: added, taken away, duplicate, suspect, malformed')
      .option('--no-suspects', 'leave out private addresses and names that honest machines use')
      .option('--confidence <number>', 'where the file says none, 0 to 100', wholeNumber(0, 100))
      .addOption(new Option('--severity <severity>', 'where the file says none').choices(severityChoices))
      .addOption(new Option('--tlp <tlp>', 'where the file says none').choices(tlpChoices))
      .option(
        '--valid-days <days>',
        'they end after so many days where the file says no end',
        wholeNumber(0, 3650),
      )
      .action(action(async () => (await import('./files.ts')).importFile))

    group
      .command('export')
      .description('write all to standard output')
      .addOption(new Option('--format <format>', 'how').choices(formatChoices).default('json'))
      .option('--source <name>', 'only those of this source')
      .action(action(async () => (await import('./files.ts')).exportAll))

    group
      .command('list')
      .description('newest first')
      .addOption(new Option('--type <type>', 'only these').choices(typeChoices))
      .option('--source <name>', 'only those of this source')
      .addOption(new Option('--severity <severity>', 'only these').choices(severityChoices))
      .option('--search <text>', 'text in value, description or tags')
      .option('--sighted', 'only those that were seen here')
      .option('--limit <number>', 'at most so many', wholeNumber(1, 1000), 50)
      .option('--offset <number>', 'leave out the newest so many', wholeNumber(0, 100_000), 0)
      .action(action(async () => (await import('./list.ts')).list))

    group
      .command('sources')
      .description('who says how many, and what they cost')
      .action(action(async () => (await import('./list.ts')).sources))

    group
      .command('add')
      .description('add some by hand; in force at once')
      .argument('<value...>', 'addresses, ranges, domains, URLs, hashes, paths')
      .addOption(
        new Option('--type <type>', 'what they are (default: what they look like)').choices(typeChoices),
      )
      .option('--source <name>', 'who says so', 'manual')
      .option('--confidence <number>', '0 to 100', wholeNumber(0, 100), 50)
      .addOption(new Option('--severity <severity>', 'how bad').choices(severityChoices).default('medium'))
      .addOption(new Option('--tlp <tlp>', 'with whom it may be shared').choices(tlpChoices).default('amber'))
      .option('--until <time>', 'they end then: a duration such as 30d, or a time')
      .option('--description <text>', 'what is known of them')
      .option('--tag <tag...>', 'words to find them by')
      .option('--technique <id...>', 'ATT&CK techniques, such as T1071.001')
      .action(action(async () => (await import('./change.ts')).add))

    group
      .command('remove')
      .description('take some away; in force at once')
      .argument('<id...>', "ids as 'indicators list' prints them")
      .action(action(async () => (await import('./change.ts')).remove))

    const feeds = group.command('feeds').description('sources of indicators that are asked on a schedule')

    feeds
      .command('list')
      .description('every feed, and how it is')
      .action(action(async () => (await import('./feeds.ts')).list))

    feeds
      .command('add')
      .description('add a feed, or change it, and ask it at once')
      .argument('<name>', 'letters, digits, dots and hyphens')
      .argument('<url>', 'https: a document, a TAXII collection or server, a folder of MISP')
      .addOption(
        new Option('--kind <kind>', 'what the URL leads to')
          .choices(['http', 'taxii', 'misp'])
          .default('http'),
      )
      .addOption(
        new Option('--format <format>', 'how it is written (default: what it looks like)').choices(
          formatChoices,
        ),
      )
      .option('--collection <id>', 'id or title of the collection, for the URL of a TAXII server')
      .option('--every <minutes>', 'how often it is asked', wholeNumber(1, 44_640), 60)
      .option('--append', 'keep what it tells no more')
      .option('--sha256 <hash>', 'the document has to have this hash')
      .option('--public-key <key>', 'Ed25519, base64: the document has to be signed, at its URL with .sig')
      .option('--authorization-file <file>', 'file with the value of the Authorization header')
      .option('--allow-private', 'it may lie on a private or local address')
      .option('--allow-http', 'it may be asked without encryption')
      .option('--confidence <number>', 'where it says none, 0 to 100', wholeNumber(0, 100))
      .addOption(new Option('--severity <severity>', 'where it says none').choices(severityChoices))
      .addOption(new Option('--tlp <tlp>', 'where it says none').choices(tlpChoices))
      .option('--valid-days <days>', 'its indicators end after so many days', wholeNumber(0, 3650))
      .action(action(async () => (await import('./feeds.ts')).add))

    feeds
      .command('refresh')
      .description('ask a feed now; exit code 1 when it gives nothing')
      .argument('<name>', "its name as 'feeds list' prints it")
      .option('--force', 'take also what would not be believed, such as a feed that has shrunk')
      .action(action(async () => (await import('./feeds.ts')).refresh))

    feeds
      .command('rollback')
      .description('put an earlier good version in force; the one that it replaces is not taken again')
      .argument('<name>', "its name as 'feeds list' prints it")
      .option('--to <version>', 'which (default: the one before)', wholeNumber(1, 1_000_000_000))
      .action(action(async () => (await import('./feeds.ts')).rollback))

    feeds
      .command('remove')
      .description('take a feed away, with its indicators')
      .argument('<name>', "its name as 'feeds list' prints it")
      .action(action(async () => (await import('./feeds.ts')).remove))
  },
}
