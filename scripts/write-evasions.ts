import { writeFileSync } from 'node:fs'
import { evasionsPage } from '../docs/guide/evasions.ts'

writeFileSync(new URL('../docs/guide/evasions.md', import.meta.url), evasionsPage())
