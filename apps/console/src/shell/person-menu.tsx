import { Link } from '@tanstack/react-router'
import { Kbd } from '../parts/kbd.tsx'
import { say } from '../parts/toast.tsx'
import { type Preferences, prefer, usePreferences } from '../preferences.ts'
import { useSession } from '../session/session.tsx'
import { RawText } from '../text/raw-text.tsx'

const THEMES: readonly [Preferences['theme'], string][] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
]

/** Who is signed in, how the page looks, and the way out. */
export function PersonMenu({ onHelp }: { readonly onHelp: () => void }) {
  const { user, signOut } = useSession()
  const { theme, utc } = usePreferences()
  return (
    <>
      <button
        type="button"
        className="person"
        popoverTarget="person-menu"
        aria-label={`You are ${user.name}: settings and sign out`}
      >
        {initials(user.name)}
      </button>
      <div id="person-menu" popover="auto" className="menu">
        <p>
          <b>
            <RawText text={user.name} />
          </b>
          <span>{user.role}</span>
        </p>
        <Link
          to="/account"
          className="menu-link"
          onClick={() => document.querySelector<HTMLElement>('#person-menu')?.hidePopover()}
        >
          Your account <Kbd keys="g y" />
        </Link>
        <fieldset>
          <legend>Theme</legend>
          {THEMES.map(([value, label]) => (
            <label key={value}>
              <input
                type="radio"
                name="theme"
                checked={theme === value}
                onChange={() => prefer({ theme: value })}
              />
              {label}
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend>Times</legend>
          <label>
            <input
              type="checkbox"
              checked={utc}
              onChange={(event) => prefer({ utc: event.target.checked })}
            />
            In UTC <Kbd keys="u" />
          </label>
        </fieldset>
        <button
          type="button"
          className="plain"
          popoverTarget="person-menu"
          popoverTargetAction="hide"
          onClick={onHelp}
        >
          All keys <Kbd keys="?" />
        </button>
        <button
          type="button"
          className="plain"
          onClick={() => {
            signOut().catch((error: unknown) => say(`Not signed out: ${String(error)}`, { bad: true }))
          }}
        >
          Sign out
        </button>
      </div>
    </>
  )
}

function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '')
  const letters = words.map((word) => Array.from(word))
  const [first = ['?'], second] = letters
  return (second ? [first[0], second[0]] : first.slice(0, 2)).join('').toUpperCase()
}
