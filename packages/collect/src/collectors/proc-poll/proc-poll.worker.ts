import { serve } from '../../kernel/serve.ts'
import type { ProcPollConfig } from './config.ts'
import { ProcPollSource } from './source.ts'

await serve((config: ProcPollConfig) => new ProcPollSource(config))
