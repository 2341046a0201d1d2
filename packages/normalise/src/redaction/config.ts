import { z } from 'zod'
import { fieldPolicies, policyFault } from './field-policies.ts'

const MAX_FIELDS = 256

/** What is taken out of events before they leave the host. */
export const redactionConfigSchema = z.strictObject({
  /** Whether secrets are taken out of command lines, log lines and other text. */
  enabled: z.boolean().default(true),
  /**
   * What becomes of a field, beyond that: `keep`, `redact`, `hash` or `drop`, by its path in the events (`process.cmd_line`), in
   * those of one kind (`authentication/user.name`), or at any depth (`*.user.name`). What stands later wins.
   */
  fields: z
    .record(z.string().max(256), z.enum(fieldPolicies))
    .default({})
    .superRefine((fields, context) => {
      const names = Object.keys(fields)
      if (names.length > MAX_FIELDS) {
        context.addIssue({ code: 'custom', message: `expected at most ${MAX_FIELDS} fields` })
        return
      }
      for (const name of names) {
        const policy = fields[name]
        const fault = policy === undefined ? undefined : policyFault(name, policy)
        if (fault !== undefined) context.addIssue({ code: 'custom', path: [name], message: fault })
      }
    }),
})

export type RedactionConfig = z.output<typeof redactionConfigSchema>
