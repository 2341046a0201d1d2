import { givenMasterKeySchema } from '@vedette/store/keys'
import { z } from 'zod'

/** What the supervisor tells the agent: one line of JSON on standard input. Lines of `AgentOrder` may follow it. */
export const agentSettingsSchema = z.strictObject({
  version: z.string().max(64),
  /** Given at its enrolment; also the id of the host. */
  id: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[A-Za-z0-9_.-]+$/),
  /**
   * How the server knows it: by a bearer token, as the agent on the server's own machine, or by the certificate in the
   * file that the enrolment wrote.
   */
  credential: z.union([
    z.string().min(32).max(256),
    z.strictObject({ identityFile: z.string().startsWith('/').max(4096) }),
  ]),
  /** The agent's own folder, 0700: spool, audit log, leases. */
  home: z.string().startsWith('/').max(4096),
  /** What its keys are wrapped with; left out, a file beside them. */
  masterKey: givenMasterKeySchema.optional(),
  /** `http://HOST:PORT`. Left out where an order says it later; until then batches wait in the spool. */
  serverUrl: z.url().optional(),
  /**
   * Vedette's own processes: who started the agent and what else that started, with the programs and folders (with a
   * slash at the end) that these may run. Their connections and files are not reported.
   */
  own: z
    .strictObject({
      pids: z.array(z.int().min(1)).max(16),
      executables: z.array(z.string().startsWith('/').max(4096)).max(64),
    })
    .prefault({ pids: [], executables: [] }),
  /** Sections of the configuration, each checked by the part that it is for. */
  config: z
    .strictObject({
      agent: z.unknown().optional(),
      collect: z.unknown().optional(),
      normalise: z.unknown().optional(),
      yara: z.unknown().optional(),
      integrity: z.unknown().optional(),
      response: z.unknown().optional(),
      spool: z.unknown().optional(),
      encryption: z.unknown().optional(),
      system_metrics: z.unknown().optional(),
    })
    .prefault({}),
  /** Where each value of `config` came from, by its dotted path. What is not in it is a default. */
  origins: z.record(z.string().max(256), z.string().max(4200)).default({}),
  /** Whether a control group keeps it to its budget; otherwise it has to do so itself. */
  isLimited: z.boolean().default(false),
  /** How the agent before this one ended, where it was not told to: it is told as an Event. */
  previous: z
    .strictObject({
      cause: z.enum(['failed', 'stuck']),
      detail: z.string().max(4000),
      /** The signal that ended or halted it, and who sent that, as far as is known. */
      ended_by: z
        .strictObject({
          signal: z.string().max(32),
          process: z
            .strictObject({
              pid: z.int().min(0),
              start_ticks: z.number().nonnegative(),
              name: z.string().max(64),
              uid: z.int().min(0),
              parent: z.strictObject({ pid: z.int().min(0), name: z.string().max(64) }),
            })
            .optional(),
        })
        .optional(),
    })
    .optional(),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
})

export type AgentSettings = z.output<typeof agentSettingsSchema>
/** The line as the supervisor writes it. */
export type AgentSettingsLine = z.input<typeof agentSettingsSchema>

/** A line after the settings. The end of the input is the order to stop. */
export const agentOrderSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('server'), url: z.url() }),
])

export type AgentOrder = z.output<typeof agentOrderSchema>
