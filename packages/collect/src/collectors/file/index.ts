import type { CollectorKind } from '../../collector.ts'
import { FileCollector } from './collector.ts'
import { type FileConfig, fileSchema } from './config.ts'

/** Lines of logs. */
export const file: CollectorKind<FileConfig> = {
  name: 'file',
  description: 'lines of log files, across rotation, truncation and restarts',
  schema: fileSchema,
  // A file that is missing now is waited for, so there is nothing that would make it useless.
  probe: async () => ({ usable: true, blindSpots: [] }),
  open: async (config, context) => new FileCollector(config, context),
}
