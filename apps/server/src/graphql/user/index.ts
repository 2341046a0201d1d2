import type { Resource } from '../builder.ts'

/** Whoever is signed in. */
export const users: Resource = (builder) => {
  builder.objectType('User', {
    fields: (t) => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      role: t.exposeString('role', {
        description: 'viewer, analyst, responder, engineer, admin or auditor.',
      }),
    }),
  })
  builder.queryFields((t) => ({
    me: t.field({
      type: 'User',
      description: 'Who is signed in.',
      resolve: (_root, _args, { viewer }) => viewer,
    }),
  }))
}
