import type { ErasureProof, Holding } from '@vedette/store/erasure-proof'
import { erasePerson, eraseTenant, planPerson, planTenant } from '../../privacy/erase.ts'
import { type ExportPage, exportPerson } from '../../privacy/export.ts'
import type { Resource } from '../builder.ts'

const MANY = { field: 50, multiplier: 10 }

/** What is stored about a person or a tenant: to see it, to have it, to be rid of it. */
export const privacy: Resource = (builder) => {
  const holding = builder.objectRef<Holding>('Holding').implement({
    description: 'Something that is stored, and what an erasure does with it.',
    fields: (t) => ({
      store: t.exposeString('store', { description: 'state, events, files, audit, agents, backups.' }),
      what: t.exposeString('what'),
      count: t.exposeInt('count', { description: '-1 where nobody can count it from here.' }),
      fate: t.exposeString('fate', { description: 'delete, replace or keep.' }),
      why: t.exposeString('why', { description: 'Why it is kept, and what ends it.' }),
    }),
  })
  const page = builder.objectRef<ExportPage>('PersonExport').implement({
    fields: (t) => ({
      lines: t.stringList({
        description: 'A line of JSON for each row or event.',
        resolve: ({ lines }) => [...lines],
      }),
      next: t.string({
        nullable: true,
        description: 'The cursor of the next page.',
        resolve: ({ next }) => next ?? null,
      }),
    }),
  })
  const proof = builder.objectRef<ErasureProof>('ErasureProof').implement({
    fields: (t) => ({
      document: t.string({
        description:
          'JSON with the statement, the key and the signature, as `vedette privacy verify` reads it.',
        resolve: (made) => JSON.stringify(made),
      }),
      done: t.field({ type: [holding], resolve: ({ statement }) => [...statement.done] }),
      kept: t.field({ type: [holding], resolve: ({ statement }) => [...statement.kept] }),
    }),
  })

  builder.queryFields((t) => ({
    person_holdings: t.field({
      type: [holding],
      description:
        'What is stored about a person, by every name that is given, and what their erasure would do with it.',
      args: { names: t.arg.stringList({ required: true }) },
      complexity: MANY,
      resolve: (_root, { names }, context) => planPerson(context, names),
    }),
    tenant_holdings: t.field({
      type: [holding],
      description: 'What a tenant has, and what its erasure would do with it.',
      args: { tenant: t.arg.string({ required: true, description: 'Its id or name.' }) },
      complexity: MANY,
      resolve: (_root, { tenant }, context) => planTenant(context, tenant),
    }),
    person_export: t.field({
      type: page,
      description: 'What is stored about a person.',
      args: { names: t.arg.stringList({ required: true }), cursor: t.arg.string() },
      complexity: MANY,
      resolve: (_root, { names, cursor }, context) => exportPerson(context, names, cursor ?? undefined),
    }),
  }))

  builder.mutationFields((t) => ({
    erasePerson: t.field({
      type: proof,
      description:
        'Deletes their account and every event that names them; elsewhere a pseudonym takes their place. There is no way back.',
      args: { names: t.arg.stringList({ required: true }) },
      resolve: (_root, { names }, context) => erasePerson(context, names),
    }),
    eraseTenant: t.field({
      type: proof,
      description: 'Deletes all that a tenant has; its agents are cut off first. There is no way back.',
      args: { tenant: t.arg.string({ required: true, description: 'Its id or name.' }) },
      resolve: (_root, { tenant }, context) => eraseTenant(context, tenant),
    }),
  }))
}
