import { writeFileSync } from 'node:fs'
import { tiersPage } from '../docs/guide/tiers.ts'

writeFileSync(new URL('../docs/guide/tiers.md', import.meta.url), tiersPage())
