/** What of a tenant's secrets was sealed anew. */
export interface Resealed {
  readonly resealed: number
  /** Could not be opened, since it was altered, and stays as it is: `table.column of row`. */
  readonly broken: readonly string[]
}

/** Secrets of a tenant that are kept sealed. */
export interface SealedSecrets {
  /** How many are sealed with another key than the one in use. */
  pending(): Promise<number>
  /**
   * Seals with the key in use whatever is sealed with one before it, in batches of their own transactions. What somebody else
   * writes meanwhile stays as they wrote it.
   */
  reseal(batchRows: number): AsyncIterable<Resealed>
}
