import { useSyncExternalStore } from 'react'

/** What a viewer set for this browser. */
export interface Preferences {
  readonly theme: 'system' | 'light' | 'dark'
  readonly utc: boolean
  /** Keys of one letter; can be turned off for people who dictate (WCAG 2.1.4). */
  readonly keys: boolean
}

const listeners = new Set<() => void>()
let current: Preferences | undefined

function read(name: string): string | null {
  try {
    return localStorage.getItem(`vedette.${name}`)
  } catch {
    return null // Storage can be forbidden; then a choice lasts until the page is left.
  }
}

/** The choices now. */
export function preferences(): Preferences {
  if (current) return current
  const theme = read('theme')
  current = {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    utc: read('utc') === 'true',
    keys: read('keys') !== 'false',
  }
  return current
}

/** Changes some and keeps them. */
export function prefer(change: Partial<Preferences>): void {
  current = { ...preferences(), ...change }
  for (const [name, value] of Object.entries(change)) {
    try {
      localStorage.setItem(`vedette.${name}`, String(value))
    } catch {
      // See read().
    }
  }
  applyTheme()
  for (const listener of listeners) listener()
}

function applyTheme(): void {
  const { theme } = preferences()
  const light = theme === 'light' || (theme === 'system' && systemLight().matches)
  document.documentElement.dataset['theme'] = light ? 'light' : 'dark'
}

function systemLight(): MediaQueryList {
  return matchMedia('(prefers-color-scheme: light)')
}

/** Follows the system's theme for as long as the page lives. */
export function followSystemTheme(): void {
  systemLight().addEventListener('change', applyTheme)
  applyTheme()
}

export function usePreferences(): Preferences {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, preferences)
}
