import { serve } from '../../kernel/serve.ts'
import type { FanotifyConfig } from './config.ts'
import { FanotifySource } from './source.ts'

await serve((config: FanotifyConfig) => new FanotifySource(config))
