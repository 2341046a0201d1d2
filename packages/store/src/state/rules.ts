import type { RuleException, RulePack, RulePackSet, RuleText } from '@vedette/model'

export interface RuleExceptions {
  /** Newest first, those that are over too; at most 10,000. */
  list(): Promise<RuleException[]>
  get(id: string): Promise<RuleException | undefined>
  /** @throws {RangeError} when there are 10,000 already */
  add(exception: RuleException): Promise<void>
  remove(id: string): Promise<RuleException | undefined>
  /** Counts what exceptions kept silent; of one that is gone nothing. */
  hit(hits: readonly ExceptionHits[]): Promise<void>
}

/** How often an exception kept its rule silent since the last time. */
export interface ExceptionHits {
  readonly id: string
  readonly count: number
  /** Milliseconds since the epoch, of the events. */
  readonly first: number
  readonly last: number
}

/** What is to be installed. */
export interface NewRulePack extends Pick<RulePack, 'name' | 'source' | 'rules'> {
  readonly files: readonly RuleText[]
}

/** Rules that were installed, version by version, and which of them are in force. */
export interface RulePacks {
  /** What is in force, and what was before; newest first, at most 20. */
  history(): Promise<RulePackSet[]>
  /** Texts of the packs of the newest set, by pack and path. */
  active(): Promise<{ readonly pack: RulePack; readonly files: readonly RuleText[] }[]>
  /** Keeps a pack and puts it in force, in place of the one with its name. */
  install(pack: NewRulePack, actor: string, now: number): Promise<RulePackSet>
  /** Takes a pack out of force; undefined where none with that name is. */
  remove(name: string, actor: string, now: number): Promise<RulePackSet | undefined>
  /**
   * Goes back to the set before; the one that was in force is forgotten. Undefined where nothing was ever installed.
   *
   * @returns the set that was taken back
   */
  undo(): Promise<RulePackSet | undefined>
}
