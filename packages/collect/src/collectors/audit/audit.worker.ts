import { serve } from '../../kernel/serve.ts'
import type { AuditConfig } from './config.ts'
import { AuditSource } from './source.ts'

await serve((config: AuditConfig) => new AuditSource(config))
