import { writeFileSync } from 'node:fs'
import { costPage } from '../docs/guide/cost.ts'

writeFileSync(new URL('../docs/guide/cost.md', import.meta.url), costPage())
