import { z } from 'zod'

const reference = z.string().min(1).max(1000)

/** A Sigma filter (specification 2.1, "Filters"), but for its log source and its selections. */
export const filterSchema = z.object({
  title: z.string().min(1).max(1000),
  id: z.string().min(1).max(100).optional(),
  filter: z.looseObject({
    /** Ids or names of the rules that it is for; `any` is every rule of its log source. */
    rules: z.union([reference, z.array(reference).max(10_000)], {
      error: 'expected "any", or the ids or names of rules',
    }),
  }),
})
