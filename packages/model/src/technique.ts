/** A technique or sub-technique of MITRE ATT&CK, such as `T1059.004`. */
export interface Technique {
  readonly id: string
  readonly name: string
  /** Short names of tactics, such as `execution`. */
  readonly tactics: readonly string[]
}
