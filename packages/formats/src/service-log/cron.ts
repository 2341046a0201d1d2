import type { ServiceForm } from './facts.ts'

/** cron of Debian and cronie (`misc.c`, `do_command.c`), crontab(1), anacron and atd. */
export const CRON_FORMS: readonly ServiceForm[] = [
  { code: 'cron_command', pattern: /^\((?<user>[^()]{1,256})\) CMD \( *(?<command>.*)\)$/s },
  { code: 'cron_output', pattern: /^\((?<user>[^()]{1,256})\) CMDOUT \((?<output>.*)\)$/s },
  { code: 'cron_command_ended', pattern: /^\((?<user>[^()]{1,256})\) CMDEND \((?<command>.*)\)$/s },
  { code: 'crontab_replaced', pattern: /^\((?<actor>[^()]{1,256})\) REPLACE \((?<user>[^()]{1,256})\)$/ },
  {
    code: 'crontab_edited',
    pattern: /^\((?<actor>[^()]{1,256})\) (?:BEGIN|END) EDIT \((?<user>[^()]{1,256})\)$/,
  },
  { code: 'crontab_listed', pattern: /^\((?<actor>[^()]{1,256})\) LIST \((?<user>[^()]{1,256})\)$/ },
  { code: 'crontab_deleted', pattern: /^\((?<actor>[^()]{1,256})\) DELETE \((?<user>[^()]{1,256})\)$/ },
  { code: 'crontab_reloaded', pattern: /^\((?<user>[^()]{1,256})\) RELOAD \((?<file>[^()]{1,1024})\)$/ },
  { code: 'cron_refused', pattern: /^\((?<user>[^()]{1,256})\) AUTH \((?<reason>[^()]{1,1024})\)$/ },
  {
    code: 'cron_error',
    pattern:
      /^\((?<user>[^()]{1,256})\) (?:ERROR|WRONG FILE OWNER|INSECURE MODE[^(]{0,64}) ?\((?<reason>.{1,1024})\)$/,
  },
  {
    code: 'at_job_started',
    pattern:
      /^Starting job (?<job>\d{1,9}) \(\w{1,64}\) for user '(?<user>[^']{1,256})' \((?<uid>\d{1,10})\)$/,
  },
]
