/** A file of rules, as text. */
export interface RuleText {
  /** Path within its pack, with `/` between folders; for people and for problems. */
  readonly file: string
  readonly text: string
}

/** One version of rules that were installed together, under a name. */
export interface RulePack {
  /** Counts up over all packs: the version. */
  readonly number: number
  /** `sigma`: a later version under the same name takes its place. */
  readonly name: string
  /** Where it came from, in the words of who installed it. */
  readonly source: string
  /** SHA-256 over its files: the same content has the same digest. */
  readonly digest: string
  readonly files: number
  readonly rules: number
  readonly actor: string
  readonly addedAt: number
}

/** Which packs are in force since when: a step in their history. */
export interface RulePackSet {
  readonly number: number
  readonly time: number
  readonly actor: string
  /** What was done: `install sigma`, `remove sigma`. */
  readonly action: string
  readonly packs: readonly RulePack[]
}
