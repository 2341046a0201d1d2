import type { OwnAccount } from '@vedette/client/rest'
import { useState } from 'react'
import { account } from '../../api/api.ts'
import { faultOf } from '../../parts/form.ts'
import { reasonOf } from '../../parts/state.tsx'
import { say } from '../../parts/toast.tsx'
import { RawText } from '../../text/raw-text.tsx'

/** The tenants in which one is something, and the way to them. */
export function OwnTenants({ tenants }: { readonly tenants: OwnAccount['tenants'] }) {
  const [busy, setBusy] = useState(false)
  const turn = async (id: string) => {
    setBusy(true)
    try {
      await account.turnTo(id)
      // All that the page knows is of another tenant.
      location.assign('/')
    } catch (failure) {
      say(reasonOf(faultOf(failure)), { bad: true })
      setBusy(false)
    }
  }
  return (
    <section aria-labelledby="own-tenants">
      <h2 id="own-tenants">Your tenants</h2>
      <div className="table-scroll">
        <table className="data">
          <thead>
            <tr>
              <th>Tenant</th>
              <th>You are there</th>
              <th>Act</th>
            </tr>
          </thead>
          <tbody>
            {tenants.map(({ id, name, role, current }) => (
              <tr key={id}>
                <td className="name">
                  <RawText text={name} />
                </td>
                <td>{role}</td>
                <td className="act-cell">
                  {current ? (
                    <span className="quiet">you look at it now</span>
                  ) : (
                    <button type="button" disabled={busy} onClick={() => void turn(id)}>
                      Look at it
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
