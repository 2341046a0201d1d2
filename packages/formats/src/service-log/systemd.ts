import type { ServiceForm } from './facts.ts'

const UNIT = String.raw`(?<unit>[\w@:.\\-]{1,256}\.(?:service|socket|timer|mount|swap|path|target|slice|scope|device|automount))`
const unit = (code: string, rest: string): ServiceForm => ({ code, pattern: new RegExp(`^${UNIT}: ${rest}`) })
/** `Started nginx.service - A web server.`, and before version 249 only the description. */
const job = (code: string, verb: string): ServiceForm => ({
  code,
  pattern: new RegExp(
    String.raw`^${verb} (?:${UNIT}(?: - (?<description>.{1,512}?))?|(?<name>[^\n]{1,512}?))\.$`,
  ),
})

/** What the service manager says of its units (`src/core/unit.c`, `job.c`, `service.c` of systemd 219 to 257). */
export const SYSTEMD_FORMS: readonly ServiceForm[] = [
  unit(
    'unit_failed',
    String.raw`(?:Failed with result|Unit entered failed state|Failed)(?: '(?<result>[\w-]{1,64})')?\.?$`,
  ),
  unit(
    'unit_process_exited',
    String.raw`(?:Main|Control) process exited, code=(?<code>\w{1,32}),? status=(?<status>[\w/]{1,64})`,
  ),
  unit('unit_restarts', String.raw`Scheduled restart job, restart counter is at (?<count>\d{1,9})\.$`),
  unit(
    'unit_out_of_memory',
    String.raw`(?:A process of this unit has been killed by the OOM killer|systemd-oomd killed)`,
  ),
  unit('unit_stopped', String.raw`(?:Deactivated successfully|Succeeded)\.$`),
  unit('unit_start_limit', String.raw`Start request repeated too quickly\.$`),
  job('unit_start_failed', 'Failed to start'),
  job('unit_started', '(?:Started|Finished|Mounted|Listening on)'),
  job('unit_stopped', '(?:Stopped|Unmounted|Closed)'),
  {
    code: 'units_reloaded',
    pattern:
      /^Reloading(?: requested from client PID (?<pid>\d{1,10}) \('(?<client>[^']{1,64})'\)[^\n]{0,256})?\.\.\.$|^Reloading\.$/,
  },
]
