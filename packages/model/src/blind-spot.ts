/** Something that a sensor cannot see on this host, and why. Shown to people, never hidden. */
export interface BlindSpot {
  /** Stable, kebab-case: `no-btf`, `not-root`, `file-unreadable`. */
  readonly code: string
  /** One sentence on what is not seen and what would change that. */
  readonly message: string
}
