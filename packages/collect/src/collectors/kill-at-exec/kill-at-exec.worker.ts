import { serve } from '../../kernel/serve.ts'
import type { KillAtExecConfig } from './config.ts'
import { KillAtExecSource } from './source.ts'

await serve((config: KillAtExecConfig) => new KillAtExecSource(config))
