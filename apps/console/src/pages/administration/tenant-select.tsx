import type { Tenant } from './documents.ts'

/** Chooses a tenant; nothing to choose where there is one. */
export function TenantSelect({ tenants }: { readonly tenants: readonly Pick<Tenant, 'id' | 'name'>[] }) {
  if (tenants.length < 2) return null
  return (
    <label className="field">
      In the tenant
      <select name="tenant">
        {tenants.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
