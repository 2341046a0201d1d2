import type { RuleType } from '../rule-type.ts'
import { beacon } from './beacon/index.ts'
import { firstSeen } from './first-seen/index.ts'
import { sigma } from './sigma/index.ts'
import { threshold } from './threshold/index.ts'

/** Every language in which rules are written. Of several that accept a document the first takes it. */
export const ruleTypes: readonly RuleType[] = [threshold, firstSeen, beacon, sigma]
