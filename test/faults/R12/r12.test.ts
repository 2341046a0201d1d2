import { testRow } from '../test-row.ts'
import { r12 } from './row.ts'

testRow(r12)
