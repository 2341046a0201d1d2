/** When a group fires, and when it does again. */
export interface Firing {
  /** Whether a value meets the condition. */
  meets(value: number): boolean
  /**
   * Set for counts that grow: after it fired at `from`, a group fires again at twice, four and eight times as many. Other
   * groups are silent until a window has passed since.
   */
  readonly from?: number | undefined
  /** True where a firing uses up the hits that it was made of, and the next needs others. */
  readonly spends?: boolean
}

/** How often a group whose count grows fires within one window: at n, 2n, 4n and 8n. */
export const LEVELS = 4

/** At a count, and again at twice, four and eight times as many. */
export function atLeast(count: number): Firing {
  return { from: count, meets: (value) => value >= count }
}
