import { serve } from '../../kernel/serve.ts'
import type { ProcEventsConfig } from './config.ts'
import { ProcEventsSource } from './source.ts'

await serve((config: ProcEventsConfig) => new ProcEventsSource(config))
