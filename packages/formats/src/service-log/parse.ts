import { CRON_FORMS } from './cron.ts'
import { factsOf, type ServiceFacts, type ServiceForm } from './facts.ts'
import { parseKernelMessage } from './kernel.ts'
import { SYSTEMD_FORMS } from './systemd.ts'

export type { ServiceFacts } from './facts.ts'

const BY_PROGRAM: ReadonlyMap<string, readonly ServiceForm[]> = new Map(
  Object.entries({
    cron: CRON_FORMS,
    crond: CRON_FORMS,
    crontab: CRON_FORMS,
    anacron: CRON_FORMS,
    atd: CRON_FORMS,
    systemd: SYSTEMD_FORMS,
  }),
)

/**
 * Understands a message of cron, systemd or the kernel. Undefined for every other message. Takes time in proportion to its
 * length.
 *
 * @param program the tag of the line: `CRON`, `systemd`, `kernel`
 */
export function parseServiceMessage(program: string, message: string): ServiceFacts | undefined {
  const name = program.slice(program.lastIndexOf('/') + 1).toLowerCase()
  if (name === 'kernel') return parseKernelMessage(message)
  const forms = BY_PROGRAM.get(name)
  return forms && factsOf(forms, message)
}
