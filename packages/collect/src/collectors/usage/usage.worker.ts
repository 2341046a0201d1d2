import { serve } from '../../kernel/serve.ts'
import type { UsageConfig } from './config.ts'
import { UsageSource } from './source.ts'

await serve(
  ({ config, stateFile }: { readonly config: UsageConfig; readonly stateFile?: string }) =>
    new UsageSource(config, stateFile),
)
