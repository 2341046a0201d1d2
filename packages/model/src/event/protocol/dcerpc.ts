import { z } from 'zod'

/** A message of DCE/RPC (C706): an interface that is bound, or a call of it. OCSF `dce_rpc`. */
export interface DceRpcFacts {
  /** `BIND`, `REQUEST`, `ALTER_CONTEXT`, ... OCSF `command`. */
  readonly command: string
  /** Interface that is bound or called, as UUID. OCSF `rpc_interface.uuid`. */
  readonly interface_uuid?: string
  /** Its common name: `svcctl`, `drsuapi`, ... */
  readonly endpoint?: string
  /** Which of its calls. OCSF `opnum`. */
  readonly opnum?: number
  /** The common name of that: `CreateServiceW`, ... */
  readonly operation?: string
}

export const dceRpcFactsSchema = z.object({
  command: z.string().max(32),
  interface_uuid: z.string().max(36).optional(),
  endpoint: z.string().max(64).optional(),
  opnum: z.int().min(0).max(65_535).optional(),
  operation: z.string().max(64).optional(),
})
