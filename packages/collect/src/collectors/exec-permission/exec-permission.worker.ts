import { serve } from '../../kernel/serve.ts'
import type { ExecPermissionConfig } from './config.ts'
import { ExecPermissionSource } from './source.ts'

await serve((config: ExecPermissionConfig) => new ExecPermissionSource(config))
