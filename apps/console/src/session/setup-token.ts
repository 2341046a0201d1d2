let token: string | undefined

/**
 * The one-time token in the address that `vedette up` prints (`#token=…`). It is taken out of the address bar, so that
 * neither the history nor a shared link keeps it; a fragment never reaches a server.
 */
export function takeSetupToken(): string {
  if (token === undefined) {
    token = new URLSearchParams(location.hash.slice(1)).get('token') ?? ''
    if (token !== '') history.replaceState(history.state, '', location.pathname + location.search)
  }
  return token
}
