// Before the first paint: the theme that the viewer chose, or the system's.
;(() => {
  let chosen = null
  try {
    chosen = localStorage.getItem('vedette.theme')
  } catch {
    // Storage can be forbidden; the system's theme is used.
  }
  const light =
    chosen === 'light' || (chosen !== 'dark' && matchMedia('(prefers-color-scheme: light)').matches)
  document.documentElement.dataset.theme = light ? 'light' : 'dark'
})()
