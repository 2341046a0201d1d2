let refusal: Error | undefined

/**
 * Why somebody who came back from an identity provider was not let in (`#refused=…`). It is taken out of the address bar, so
 * that a shared link does not say it again.
 */
export function takeRefusal(): Error | undefined {
  const text = new URLSearchParams(location.hash.slice(1)).get('refused')
  if (text !== null && text !== '') {
    refusal = new Error(text.slice(0, 300))
    history.replaceState(history.state, '', location.pathname + location.search)
    // Once: who signs out later was not refused.
    setTimeout(() => {
      refusal = undefined
    })
  }
  return refusal
}
