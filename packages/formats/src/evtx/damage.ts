/** Thrown inside the parser at bytes that cannot be what they should be; caught where a record ends. */
export class Damage extends Error {
  override readonly name = 'Damage'
  /** Stable, kebab-case. */
  readonly reason: string
  /** Bytes from the start of the chunk. */
  readonly offset: number

  constructor(reason: string, offset: number) {
    super(reason)
    this.reason = reason
    this.offset = offset
  }
}
