import type { CollectorKind } from '../../collector.ts'
import { JournalCollector } from './collector.ts'
import { type JournalConfig, journalSchema } from './config.ts'

/** Entries of the systemd journal. */
export const journal: CollectorKind<JournalConfig> = {
  name: 'journal',
  description: 'entries of the systemd journal, where no syslog daemon writes them to files as well',
  schema: journalSchema,
  // A journal that is missing now is waited for.
  probe: async () => ({ usable: true, blindSpots: [] }),
  open: async (config, context) => new JournalCollector(config, context),
}
