import { serve } from '../../kernel/serve.ts'
import { PacketSource, type PacketSourceConfig } from './source.ts'

await serve((config: PacketSourceConfig) => new PacketSource(config))
